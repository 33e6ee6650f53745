"""The embedded langflow target: the reference on a Redis of its own, on this machine."""

from __future__ import annotations

from queueproof import paths
from queueproof.config.model import Credentials, LaunchConfig, TargetConfig, Timings
from queueproof.targets.reference_forks import LATER_LANES, REFERENCE, reference_forks

_WORKER_HEADER = "x-reference-worker"
_PASSWORD = "embedded-Only-1"  # noqa: S105  (a loopback target that lives as long as the run)
_WORKERS = 3
#: Short, so that a gate's waits are short. The grace is no whole number of seconds: a target may
#: read it as one.
_TIMINGS = Timings(
    startup_grace_s=2.4,
    stream_ttl_s=8.0,
    cancel_marker_ttl_s=4.0,
    stale_threshold_s=5.0,
    watchdog_interval_s=0.5,
    poll_hold_s=2.0,
    owner_death_s=10.0,
    recovery_s=15.0,
)
#: As the document has them; finished jobs go sooner.
DOCUMENTED = {
    "LANGFLOW_REDIS_QUEUE_TTL": "900",
    "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S": "90",
    "LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S": "30",
    "REFERENCE_OWNER_LEASE_S": "5",
}


def embedded_langflow(workers: int | None) -> TargetConfig:
    """The reference with short timings and so many workers (3)."""
    workers = workers or _WORKERS
    return TargetConfig(
        contract="langflow",
        workers=workers,
        worker_header=_WORKER_HEADER,
        disposable=True,
        cases_at_once=24,
        timings=_TIMINGS,
        credentials=Credentials(username="admin", password=_PASSWORD),
        launch=LaunchConfig(
            command=(
                *(*REFERENCE, "langflow"),
                *("--host", "127.0.0.1", "--port", "{port}"),
            ),
            environment=_environment(workers),
            later_lanes=LATER_LANES,
            forks=reference_forks(),
            sentinel_environment={
                "LANGFLOW_REDIS_QUEUE_URL": "redis+sentinel://{sentinels}/{sentinel_service}/1"
            },
        ),
    )


def _environment(workers: int) -> dict[str, str]:
    queue = "LANGFLOW_REDIS_QUEUE_"
    return {
        "PYTHONPATH": str(paths.root()),
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
