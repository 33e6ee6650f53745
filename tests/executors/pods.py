"""A cluster of the tests: pods that are processes here, reached by `fake_kubectl.py` alone."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from queueproof.config.model import ExecutorConfig
from queueproof.stack.ports import free_port

PROGRAM = Path(__file__).with_name("fake_kubectl.py")
CONTEXT, NAMESPACE, SELECTOR = "staging", "queues", "app=queue"
#: A server of nothing but 200, as a pod's program.
HTTP = """
import http.server, os, sys
class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.send_header("x-worker", os.environ["POD_NAME"])
        self.end_headers()
    def log_message(self, *_): pass
print("serving", flush=True)
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Quiet).serve_forever()
"""
SERVES = (sys.executable, "-c", HTTP, "{ip}", "{port}")
_READY_S = 120.0


@dataclass(frozen=True)
class Pods:
    """One workload and its pods; `port` is the same in every pod."""

    folder: Path
    port: int
    workload: str

    @property
    def kubectl(self) -> tuple[str, ...]:
        """How this cluster's kubectl is called."""
        return ("env", f"FAKE_CLUSTER={self.folder}", sys.executable, "-IS", str(PROGRAM))

    def config(self, **more: Any) -> ExecutorConfig:
        """The executor that its owner would declare."""
        given: dict[str, Any] = {"namespace": NAMESPACE, "context": CONTEXT, "selector": SELECTOR}
        given |= {"workload": self.workload, "kubectl": self.kubectl, **more}
        return ExecutorConfig(kind="kubernetes", **given)

    @property
    def state(self) -> dict[str, Any]:
        """What the cluster knows."""
        known: dict[str, Any] = json.loads((self.folder / "cluster.json").read_text("utf-8"))
        return known

    @property
    def names(self) -> list[str]:
        """The pods that are there."""
        return sorted(pod["name"] for pod in self.state["pods"])

    @property
    def urls(self) -> list[str]:
        """Where they serve, in the order of their names."""
        pods = sorted(self.state["pods"], key=lambda pod: str(pod["name"]))
        return [f"http://{pod['ip']}:{self.port}" for pod in pods]

    @property
    def calls(self) -> list[str]:
        """What kubectl was asked to do but list."""
        lines = (self.folder / "calls").read_text("utf-8").splitlines()
        return [line for line in lines if " get " not in line]


@contextmanager
def cluster(
    folder: Path,
    *,
    replicas: int = 2,
    command: Sequence[str] = SERVES,
    kind: str = "StatefulSet",
    version: str = "1.31",
    environment: Mapping[str, str] | None = None,
    forbid: Sequence[str] = (),
    ready: str = "/",
    grace_s: float = 20.0,
) -> Iterator[Pods]:
    """A cluster whose pods are ready; all of it ends with the context."""
    folder.mkdir(parents=True, exist_ok=True)
    pods = Pods(folder, free_port(), f"{kind.lower()}/queue")
    state = {
        "version": version,
        "contexts": [CONTEXT],
        "namespace": NAMESPACE,
        "kind": kind,
        "workload": pods.workload,
        "replicas": min(1, replicas),
        "command": list(command),
        "environment": dict(environment or {}),
        "ready": ready,
        "forbid": list(forbid),
        "port": pods.port,
        "addresses": [f"127.0.1.{number}" for number in range(10, 10 + 3 * replicas)],
        "grace_s": grace_s,
        "pods": [],
    }
    (folder / "cluster.json").write_text(json.dumps(state), "utf-8")
    (folder / "calls").write_text("", "utf-8")
    try:
        # The first one makes what all share; the others come as when it is scaled up.
        for number in sorted({min(1, replicas), replicas}):
            _change(pods, replicas=number)
            subprocess.run([*pods.kubectl, "--controller", "fill"], check=True, timeout=60)
            _await_ready(pods, number)
        yield pods
    finally:
        _end(pods)


def _await_ready(pods: Pods, number: int) -> None:
    words = [*pods.kubectl, f"--namespace={NAMESPACE}", "get", "pods", f"--selector={SELECTOR}"]
    deadline = time.monotonic() + _READY_S
    while True:
        said = subprocess.run(
            [*words, "--output=json"], capture_output=True, text=True, check=True, timeout=60
        )
        rows = json.loads(said.stdout)["items"]
        if sum(row["status"]["conditions"][0]["status"] == "True" for row in rows) == number:
            return
        assert time.monotonic() < deadline, said.stdout
        time.sleep(0.1)


def _change(pods: Pods, **values: Any) -> None:
    """Beside whatever controllers are still at work."""
    file = pods.folder / "cluster.json"
    with (pods.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps({**pods.state, **values}), "utf-8")
        draft.replace(file)


def _end(pods: Pods) -> None:
    """No successor from now on; every pod's family ends."""
    _change(pods, replicas=0)
    for pod in pods.state["pods"]:
        with suppress(ProcessLookupError):
            os.killpg(pod["pid"], signal.SIGKILL)
