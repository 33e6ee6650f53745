"""The whole command, on a deployment whose workers answer and take nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import find_redis_binary
from queueproof.verdicts import ExitCode
from tests.deployments.serving import (
    LOGIN,
    SETTINGS,
    Deployment,
    bare_environment,
    end,
    replica_served,
    serving,
    until,
)
from tests.preforked import preforked
from tests.readiness import answers

WATCH = (sys.executable, "-m", "queueproof", "watch")
_EVERY_S, _WITHIN_S = 4, 3


@contextmanager
def redis_at(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis that keeps nothing."""
    command = [find_redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        end(process)


@pytest.fixture(scope="module")
def three_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with serving(tmp_path_factory.mktemp("server"), replicas=1, workers=3) as deployment:
        yield deployment


@pytest.fixture
def environment() -> dict[str, str]:
    return {**bare_environment(), **LOGIN}


def test_workers_that_answer_and_take_no_job_are_red_within_two_intervals(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """After an outage every health check is green, and no job is ever taken again."""
    port = free_port()
    settings = {
        **SETTINGS,
        "LANGFLOW_WORKERS": "2",
        "LANGFLOW_REDIS_QUEUE_URL": f"redis://127.0.0.1:{port}/1",
        "LANGFLOW_CONFIG_DIR": str(tmp_path),
        "REFERENCE_ENVIRONMENT": "test",
        "REFERENCE_VARIANT": "never_recovers_from_outage",
    }
    told, state = tmp_path / "told", tmp_path / "state.json"
    # What one round lasts where nothing answers: each of its asks in turn, and every one again.
    longest_s = 2 * (_EVERY_S + 4 * _WITHIN_S)
    with ExitStack() as running:
        redis = running.enter_context(redis_at(port))
        replica = running.enter_context(replica_served(settings, tmp_path / "log"))
        options = ("--workers", "2", "--every", f"{_EVERY_S}s", "--within", f"{_WITHIN_S}s")
        out = running.enter_context(told.open("wb"))
        watch = subprocess.Popen(
            [*WATCH, replica.url, *options, "--state", str(state)],
            env=environment,
            stdout=out,
            stderr=out,
        )
        running.callback(end, watch)
        assert until(lambda: b"green" in told.read_bytes(), within_s=60.0), told.read_text("utf-8")
        assert b"red" not in told.read_bytes()

        end(redis)
        assert until(lambda: b"is red" in told.read_bytes(), within_s=longest_s)
        running.enter_context(redis_at(port))
        assert until(lambda: answers(f"{replica.url}/health"), within_s=30.0)
        lines = told.read_text("utf-8").count("\n")
        assert until(lambda: told.read_text("utf-8").count("\n") >= lines + 2, within_s=longest_s)

        watch.send_signal(signal.SIGTERM)
        assert watch.wait(timeout=longest_s) == ExitCode.FAILED, told.read_text("utf-8")
    checks = json.loads(state.read_text("utf-8"))["checks"]
    assert checks["reached"]["good"]
    # Workers whom no job could tell apart are watched by as many jobs.
    asked = [name for name in checks if name.startswith(("worker ", "job "))]
    assert asked
    assert not any(checks[name]["good"] for name in asked)


def test_once_is_green_on_a_good_deployment_and_leaves_nothing_behind(
    three_workers: Deployment, environment: dict[str, str], tmp_path: Path
) -> None:
    """For cron: 0, and the metrics in a file; no flow of the watch is left."""
    metrics = tmp_path / "queueproof.prom"
    options = (*three_workers.urls, "--workers", "3", "--once", "--textfile", str(metrics))
    ended = preforked().run(["watch", *options], environment=environment, timeout_s=90)
    assert ended.returncode == ExitCode.PASSED, ended.stdout + ended.stderr
    assert "green" in ended.stdout
    for check in ("reached", "worker a", "worker c", "across workers", "cancel"):
        assert f'check="{check}"' in metrics.read_text("utf-8")


def test_nobody_there_is_exit_4_and_no_url_is_a_mistake(environment: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    gone = preforked().run(["watch", url, "--once"], environment=environment, timeout_s=60)
    assert gone.returncode == ExitCode.UNREACHABLE, gone.stdout + gone.stderr
    assert "reached is red" in gone.stdout
    bare = preforked().run(["watch"], environment=environment, timeout_s=60)
    assert bare.returncode == ExitCode.USAGE
    assert "watch needs a deployment" in bare.stderr
