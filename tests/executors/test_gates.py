"""A gate, and an outage, on pods that are killed, stopped and frozen."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from queueproof.stack.ports import free_port
from tests.forks import reference_started
from tests.preforked import preforked
from tests.readiness import answers

from ..deployments.judging import judge
from ..deployments.serving import (
    LOGIN,
    SETTINGS,
    TIMINGS,
    bare_environment,
    end,
    redis_served,
    until,
)
from .pods import CONTEXT, NAMESPACE, SELECTOR, Pods, cluster

REFERENCE = ("-m", "reference_impl", "langflow", "--host", "{ip}", "--port", "{port}")
#: As an owner declares them whose image has a shell; a pod's processes are a group here.
INSIDE = {
    "freeze": ["sh", "-c", "kill -s STOP -- -$POD_PID"],
    "thaw": ["sh", "-c", "kill -s CONT -- -$POD_PID"],
}
KILL = ["sh", "-c", "kill -s KILL -- -$POD_PID"]


@pytest.fixture(scope="module")
def pods(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pods]:
    """Two pods of the reference, a worker each, on one Redis and one database."""
    folder = tmp_path_factory.mktemp("pods")
    with redis_served() as redis_url:
        shared = {
            **SETTINGS,
            "LANGFLOW_WORKERS": "1",
            "LANGFLOW_REDIS_QUEUE_TTL": "60",
            "LANGFLOW_REDIS_QUEUE_URL": redis_url,
            "LANGFLOW_CONFIG_DIR": str(folder),
            "LANGFLOW_DATABASE_URL": f"sqlite:///{folder}/shared.db",
        }
        with cluster(
            folder, command=(sys.executable, *REFERENCE), environment=shared, ready="/health"
        ) as made:
            yield made


def declared(pods: Pods) -> str:
    """What the target file says besides URLs and timings."""
    table = {
        "kind": "kubernetes",
        "namespace": NAMESPACE,
        "context": CONTEXT,
        "selector": SELECTOR,
        "workload": pods.workload,
        "kubectl": list(pods.kubectl),
        **INSIDE,
    }
    rows = "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
    return f"disposable = true\n\n[executor]\n{rows}\n"


def test_a_gate_kills_stops_and_freezes_pods(pods: Pods, tmp_path: Path) -> None:
    """By their names, without a process id; the reference keeps its promises."""
    wanted = [f"LIFE-00{number}" for number in (1, 2, 3, 4)]

    verdict = judge(
        *pods.urls,
        folder=tmp_path,
        only=wanted,
        target=declared(pods),
        timings={**TIMINGS, "stream_ttl_s": 60},
    )

    assert verdict.exit_code == 0, verdict
    # Two losses one after another are asked of targets that the run launches.
    assert verdict.verdicts("passed_in_part") == ["LIFE-002"], verdict
    assert verdict.verdicts("passed") == ["LIFE-001", "LIFE-003", "LIFE-004"], verdict
    calls = " ".join(pods.calls)
    assert calls.count("--now --wait=false") == 2
    assert "kill -s STOP" in calls
    assert "kill -s CONT" in calls


def test_an_outage_kills_a_pod_by_name_and_says_so(pods: Pods, tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    timings = "\n".join(f"{name} = {value}" for name, value in TIMINGS.items())
    file.write_text(
        f"[target]\nurls = {json.dumps(pods.urls)}\n{declared(pods)}\n[timings]\n{timings}\n",
        "utf-8",
    )
    run = preforked().run(
        ["chaos", "--config", str(file), "--only", "CHAOS-041", "--out", str(tmp_path / "out")],
        environment={**bare_environment(), **LOGIN},
        timeout_s=300,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    [report] = (tmp_path / "out").glob("*/report.json")
    assert "replica 0 (pod queue-0) " in report.read_text("utf-8")
    assert any("delete pod queue-0 --now" in call for call in pods.calls)


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pods, str]]:
    """A main server that is a program here, and its two workers as the pods of a Deployment."""
    folder = tmp_path_factory.mktemp("workers")
    port = free_port()
    with redis_served() as redis_url:
        shared = {
            "MODE": "queue",
            "REDIS_URL": redis_url.removesuffix("/1"),
            "DATABASE_PATH": str(folder),
            "SECRETKEY_PATH": str(folder),
            "REFERENCE_LOCK_S": "3",
        }
        program = (sys.executable, "-m", "reference_impl", "flowise")
        with (folder / "server.log").open("wb") as log:
            settings = {**bare_environment(), **shared, "PORT": str(port)}
            server = reference_started("flowise", "start", out=log, environment=settings)
        try:
            serves = until(lambda: answers(f"http://127.0.0.1:{port}/api/v1/ping"), within_s=120)
            assert serves, (folder / "server.log").read_text("utf-8")
            with cluster(
                folder / "cluster",
                command=("env", "HOST={ip}", "WORKER_PORT={port}", *program, "worker"),
                kind="Deployment",
                environment=shared,
                ready="/healthz",
            ) as made:
                yield made, f"http://127.0.0.1:{port}"
        finally:
            end(server)


def test_worker_programs_in_pods_are_killed_one_after_another(
    workers: tuple[Pods, str], tmp_path: Path
) -> None:
    """Also those that have come in the place of one that was killed before."""
    pods, url = workers
    wanted = ["LIFE-001", "QUEU-012", "QUEU-013"]
    login = {"QUEUEPROOF_USERNAME": "owner@example.com", "QUEUEPROOF_PASSWORD": "Work-er-1234"}

    verdict = judge(
        url,
        folder=tmp_path,
        only=wanted,
        # What is deleted has two seconds to finish its jobs; killed inside, none.
        target='contract = "flowise"\n' + declared(pods) + f"kill = {json.dumps(KILL)}\n",
        timings={"owner_death_s": 10, "recovery_s": 15},
        environment=login,
    )

    assert verdict.exit_code == 0, verdict
    assert verdict.verdicts("passed") == wanted, verdict
    killed = [call for call in pods.calls if "-- sh -c kill -s KILL" in call]
    assert len(killed) >= len(wanted)
