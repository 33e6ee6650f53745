"""Good systems of the other contracts to be judged through whatever stands in front: two servers on
one Redis, and a worker beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path

from queueproof.stack.ports import free_port

from .serving import PASSWORD, READY, Deployment, Replica, program_served, redis_served, serves

_SERVERS = 2
_OWNER, _MEMBER = "owner@example.test", "member@example.test"
_PREDICTIONS_READY = "/api/v1/ping"


@contextmanager
def predictions_served(folder: Path) -> Iterator[Deployment]:
    """Servers of the flowise contract, which take the predictions that a worker runs."""
    with ExitStack() as running:
        redis_url = running.enter_context(redis_served())
        shared = {
            "MODE": "queue",
            "REDIS_URL": redis_url.rpartition("/")[0],
            "DATABASE_PATH": str(folder),
            "SECRETKEY_PATH": str(folder),
            "ENABLE_BULLMQ_DASHBOARD": "true",
            "REFERENCE_LOCK_S": "3",
            "REFERENCE_MEMBER_EMAIL": _MEMBER,
            "REFERENCE_MEMBER_PASSWORD": PASSWORD,
        }

        def start(program: str, setting: str, path: str) -> Replica:
            port = free_port()
            settings = {**shared, setting: str(port)}
            log = folder / f"{program}-{port}.log"
            served = program_served(("flowise", program), settings, log, ready=serves(port, path))
            return Replica(port, running.enter_context(served))

        servers = [start("start", "PORT", _PREDICTIONS_READY) for _ in range(_SERVERS)]
        start("worker", "WORKER_PORT", "/healthz")
        yield Deployment(
            tuple(servers),
            redis_url,
            contract="flowise",
            ready=_PREDICTIONS_READY,
            login={
                "QUEUEPROOF_USERNAME": _OWNER,
                "QUEUEPROOF_PASSWORD": PASSWORD,
                "QUEUEPROOF_OTHER_USERNAME": _MEMBER,
                "QUEUEPROOF_OTHER_PASSWORD": PASSWORD,
            },
            timings={"owner_death_s": 10, "recovery_s": 15},
        )


@contextmanager
def queue_served(folder: Path) -> Iterator[Deployment]:
    """Servers of a queue that a mapping describes."""
    with ExitStack() as running:
        redis_url = running.enter_context(redis_served())
        settings = {
            "JOBS_REDIS_URL": redis_url,
            "JOBS_FRONTS": "1",
            "JOBS_USERS": "token-of-ann=ann,token-of-bob=bob",
        }
        servers = []
        for number in range(_SERVERS):
            port = free_port()
            words = ("generic", "front", "--port", str(port))
            log = folder / f"front-{number}.log"
            served = program_served(words, settings, log, ready=serves(port, READY))
            servers.append(Replica(port, running.enter_context(served)))
        log = folder / "worker.log"
        waits = program_served(
            ("generic", "worker"), settings, log, ready=lambda: "waiting for" in log.read_text()
        )
        running.enter_context(waits)
        yield Deployment(
            tuple(servers),
            redis_url,
            contract="generic",
            login={"QUEUEPROOF_TOKEN": "token-of-ann", "QUEUEPROOF_OTHER_TOKEN": "token-of-bob"},
            timings={"poll_hold_s": 1, "cancel_effect_s": 1.5, "recovery_s": 12},
            tables=_mapping_and_promises(),
        )


def _mapping_and_promises() -> str:
    """What the target file of that queue says besides how it is launched."""
    file = files("queueproof.targets.generic") / "generic_reference.toml"
    text = file.read_text("utf-8")
    promises = text[text.index("[promises]") : text.index("[launch]")]
    return promises + text[text.index("[mapping]") :]
