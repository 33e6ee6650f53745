"""The embedded flowise target: the reference on a Redis of its own, on this machine."""

from __future__ import annotations

from queueproof import paths
from queueproof.config.model import Credentials, LaunchConfig, TargetConfig, Timings
from queueproof.targets.reference_forks import LATER_LANES, REFERENCE, reference_forks

_PASSWORD = "embedded-Only-1"  # noqa: S105  (a loopback target that lives as long as the run)
_OWNER = "owner@example.com"
_MEMBER = "member@example.com"
_WORKERS = 2
_LOCK_S = 3


def embedded_flowise(workers: int | None) -> TargetConfig:
    """The reference with short timings and so many workers (2)."""
    program = (*REFERENCE, "flowise")
    return TargetConfig(
        contract="flowise",
        workers=workers or _WORKERS,
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
            environment=_environment(),
            later_lanes=LATER_LANES,
            forks=reference_forks(),
        ),
    )


def _environment() -> dict[str, str]:
    return {
        "PYTHONPATH": str(paths.root()),
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
