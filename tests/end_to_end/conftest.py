"""The gate as its users run it: a process of its own, on a reference of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import find_redis_binary
from tests.forks import Program, reference_started
from tests.preforked import preforked
from tests.readiness import answers

PASSWORD = "end-To-end-1"
_READY_S = 120.0


@dataclass(frozen=True)
class GateRun:
    """A finished gate: its exit code, what it printed, and its report."""

    exit_code: int
    output: str
    out: Path

    @property
    def report(self) -> dict[str, Any]:
        [path] = self.out.glob("*/report.json")
        report: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return report

    def verdict_of(self, requirement_id: str) -> str:
        rows = {row["id"]: row["verdict"] for row in self.report["requirements"]}
        return str(rows[requirement_id])


def gate_command(*arguments: str, out: Path) -> list[str]:
    return [sys.executable, "-m", "queueproof", "gate", *arguments, "--out", str(out)]


def run_gate(*arguments: str, out: Path, **environment: str) -> GateRun:
    """Run a gate to its end."""
    command = ["gate", *arguments, "--out", str(out)]
    given = {**clean_environment(), **environment}
    done = preforked().run(command, environment=given, timeout_s=180)
    return GateRun(done.returncode, done.stdout + done.stderr, out)


def clean_environment() -> dict[str, str]:
    """Ours without anything that configures queueproof."""
    return {name: v for name, v in os.environ.items() if not name.startswith("QUEUEPROOF_")}


def wait_until(condition: Callable[[], bool], *, within_s: float) -> bool:
    """Poll to a deadline."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def serves(url: str) -> bool:
    return answers(url + "/health")


@dataclass(frozen=True)
class Reference:
    """A running reference and its Redis."""

    url: str
    redis_url: str
    process: Program
    workers: int

    @property
    def login(self) -> dict[str, str]:
        return {"QUEUEPROOF_USERNAME": "admin", "QUEUEPROOF_PASSWORD": PASSWORD}

    @property
    def known(self) -> dict[str, str]:
        """The login, and how many workers there are: whoever is told ends the search with the last,
        where else it takes hundreds of requests to say that there is no other.
        """
        return {**self.login, "QUEUEPROOF_WORKERS": str(self.workers)}


@contextmanager
def started_reference(
    folder: Path, *, by_command: bool = False, **settings: str
) -> Iterator[Reference]:
    """Start Redis and the reference: `by_command` as a user would, by `queueproof serve`, or as a
    fork that is what this becomes.
    """
    redis_port, port = free_port(), free_port()
    redis = subprocess.Popen(
        [find_redis_binary(), "--port", str(redis_port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    environment = {
        "LANGFLOW_WORKERS": "2",
        "LANGFLOW_GUNICORN_PRELOAD": "true",
        "LANGFLOW_JOB_QUEUE_TYPE": "redis",
        "LANGFLOW_REDIS_QUEUE_URL": f"redis://127.0.0.1:{redis_port}/1",
        "LANGFLOW_CONFIG_DIR": str(folder),
        "LANGFLOW_SUPERUSER": "admin",
        "LANGFLOW_SUPERUSER_PASSWORD": PASSWORD,
        "LANGFLOW_AUTO_LOGIN": "False",
        **settings,
    }
    words = ("langflow", "--port", str(port))
    whole = {**clean_environment(), **environment}
    process: Program
    with (folder / "reference.log").open("wb") as log:
        if by_command:
            command = [sys.executable, "-m", "queueproof", "serve", *words]
            process = subprocess.Popen(command, env=whole, stdout=log, stderr=log)
        else:
            process = reference_started(*words, out=log, environment=whole)
    url = f"http://127.0.0.1:{port}"
    try:
        assert wait_until(lambda: serves(url), within_s=_READY_S), "the reference does not serve"
        redis_url = f"redis://127.0.0.1:{redis_port}/1"
        yield Reference(url, redis_url, process, int(environment["LANGFLOW_WORKERS"]))
    finally:
        stop(process)
        stop(redis)


def stop(process: Program) -> None:
    """End a process of ours and all it started."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        family = []
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        with suppress(psutil.Error):
            child.kill()


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """One reference for every test that leaves it as it was."""
    with started_reference(tmp_path_factory.mktemp("reference")) as running:
        yield running
