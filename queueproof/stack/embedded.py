"""The embedded target: the reference implementation on a Redis of its own, on this machine."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.resources import as_file, files

from queueproof import house
from queueproof.config.load import load_target
from queueproof.config.model import Credentials, LaunchConfig, TargetConfig, Timings

_WORKER_HEADER = "x-reference-worker"
_PASSWORD = "embedded-Only-1"  # noqa: S105  (a loopback target that lives as long as the run)
_OWNER = "owner@example.com"
_MEMBER = "member@example.com"
_LOCK_S = 3
_TIMINGS = Timings(
    startup_grace_s=2.0,
    stream_ttl_s=8.0,
    cancel_marker_ttl_s=4.0,
    stale_threshold_s=5.0,
    watchdog_interval_s=0.5,
    poll_hold_s=2.0,
    owner_death_s=10.0,
    recovery_s=15.0,
)


def embedded_target(contract: str, *, workers: int | None = None) -> TargetConfig:
    """The reference with short timings, so that a gate's waits are short."""
    if contract == "generic":
        return _generic(workers)
    if contract == "flowise":
        return _flowise(workers or 2)
    return _langflow(contract, workers or 3)


def _langflow(contract: str, workers: int) -> TargetConfig:
    return TargetConfig(
        contract=contract,
        workers=workers,
        worker_header=_WORKER_HEADER,
        disposable=True,
        cases_at_once=40,
        timings=_TIMINGS,
        credentials=Credentials(username="admin", password=_PASSWORD),
        launch=LaunchConfig(
            command=(
                *(sys.executable, "-m", "reference_impl", contract),
                *("--host", "127.0.0.1", "--port", "{port}"),
            ),
            environment=_environment(workers),
        ),
    )


def _environment(workers: int) -> dict[str, str]:
    queue = "LANGFLOW_REDIS_QUEUE_"
    return {
        "PYTHONPATH": str(house.root()),
        "LANGFLOW_WORKERS": str(workers),
        "LANGFLOW_GUNICORN_PRELOAD": "true",
        "LANGFLOW_JOB_QUEUE_TYPE": "redis",
        "LANGFLOW_REDIS_QUEUE_URL": "redis://127.0.0.1:{redis_port}/1",
        "LANGFLOW_CONFIG_DIR": "{data}",
        "LANGFLOW_SUPERUSER": "admin",
        "LANGFLOW_SUPERUSER_PASSWORD": _PASSWORD,
        "LANGFLOW_AUTO_LOGIN": "False",
        f"{queue}STARTUP_GRACE_S": str(_TIMINGS.startup_grace_s),
        f"{queue}TTL": str(int(_TIMINGS.stream_ttl_s)),
        f"{queue}CANCEL_MARKER_TTL": str(int(_TIMINGS.cancel_marker_ttl_s)),
        f"{queue}POLLING_STALE_THRESHOLD_S": str(_TIMINGS.stale_threshold_s),
        f"{queue}POLLING_WATCHDOG_INTERVAL_S": str(_TIMINGS.watchdog_interval_s),
        "REFERENCE_WORKER_HEADER": _WORKER_HEADER,
        "REFERENCE_POLL_HOLD_S": "1.5",
        "REFERENCE_OWNER_LEASE_S": "3",
        "REFERENCE_DRAIN_S": "8",
    }


def _flowise(workers: int) -> TargetConfig:
    program = (sys.executable, "-m", "reference_impl", "flowise")
    return TargetConfig(
        contract="flowise",
        workers=workers,
        disposable=True,
        cases_at_once=20,
        timings=Timings(owner_death_s=10.0, recovery_s=15.0),
        credentials=Credentials(
            username=_OWNER,
            password=_PASSWORD,
            other_username=_MEMBER,
            other_password=_PASSWORD,
        ),
        launch=LaunchConfig(
            command=(*program, "start"),
            worker_command=(*program, "worker"),
            environment=_flowise_environment(),
        ),
    )


def _flowise_environment() -> dict[str, str]:
    return {
        "PYTHONPATH": str(house.root()),
        "MODE": "queue",
        "HOST": "127.0.0.1",
        "PORT": "{port}",
        "WORKER_PORT": "{worker_port}",
        "REDIS_URL": "redis://127.0.0.1:{redis_port}",
        "DATABASE_PATH": "{data}",
        "SECRETKEY_PATH": "{data}",
        "ENABLE_BULLMQ_DASHBOARD": "true",
        "REFERENCE_LOCK_S": str(_LOCK_S),
        "REFERENCE_MEMBER_EMAIL": _MEMBER,
        "REFERENCE_MEMBER_PASSWORD": _PASSWORD,
    }


def _generic(workers: int | None) -> TargetConfig:
    """The queue of no product, described as any team's own is."""
    tokens = {"QUEUEPROOF_TOKEN": "token-of-ann", "QUEUEPROOF_OTHER_TOKEN": "token-of-bob"}
    with as_file(files("queueproof.stack") / "generic_reference.toml") as path:
        target = load_target(path, tokens)
    launch = target.launch
    assert launch is not None
    environment = {**launch.environment, "PYTHONPATH": str(house.root())}
    return replace(
        target,
        workers=workers or target.workers,
        launch=replace(
            launch,
            command=(sys.executable, *launch.command[1:]),
            worker_command=(sys.executable, *launch.worker_command[1:]),
            environment=environment,
        ),
        file="",
    )
