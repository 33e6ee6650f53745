"""A good system to be judged through whatever stands in front: the reference, as `queueproof
serve` starts it, in one server of several workers or in several replicas on one Redis.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import find_redis_binary
from tests.forks import Fork, Program, reference_started
from tests.readiness import answers

PASSWORD = "deploy-Ment-1"
HEADER = "x-worker"
LOGIN = {"QUEUEPROOF_USERNAME": "admin", "QUEUEPROOF_PASSWORD": PASSWORD}

#: What the reference is set to, and what a target file declares of it: short, so that waits are.
SETTINGS = {
    "LANGFLOW_GUNICORN_PRELOAD": "true",
    "LANGFLOW_JOB_QUEUE_TYPE": "redis",
    "LANGFLOW_SUPERUSER": "admin",
    "LANGFLOW_SUPERUSER_PASSWORD": PASSWORD,
    "LANGFLOW_AUTO_LOGIN": "False",
    "LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S": "2",
    "LANGFLOW_REDIS_QUEUE_TTL": "8",
    "LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL": "4",
    "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S": "5",
    "LANGFLOW_REDIS_QUEUE_POLLING_WATCHDOG_INTERVAL_S": "0.5",
    "REFERENCE_POLL_HOLD_S": "1.5",
    "REFERENCE_OWNER_LEASE_S": "3",
    "REFERENCE_DRAIN_S": "8",
    "REFERENCE_WORKER_HEADER": HEADER,
}
TIMINGS = {
    "startup_grace_s": 2,
    "stream_ttl_s": 8,
    "cancel_marker_ttl_s": 4,
    "stale_threshold_s": 5,
    "watchdog_interval_s": 0.5,
    "poll_hold_s": 2,
    "owner_death_s": 10,
    "recovery_s": 15,
}
READY = "/health"
_READY_S = 120.0


@dataclass(frozen=True)
class Replica:
    """One server of the deployment: where it serves, and its master process."""

    port: int
    process: Fork

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Deployment:
    """Everything behind the front: `ready` is the path by which a replica says that it serves,
    `workers` how many there are in all, and the rest is what a target file says of it.
    """

    replicas: tuple[Replica, ...]
    redis_url: str
    contract: str = "langflow"
    ready: str = READY
    login: Mapping[str, str] = field(default_factory=lambda: LOGIN)
    timings: Mapping[str, float] = field(default_factory=lambda: TIMINGS)
    tables: str = ""
    workers: int = 0

    @property
    def known(self) -> dict[str, str]:
        """The login, and how many workers there are, which spares the search for others."""
        assert self.workers, "nobody has counted them"
        return {**self.login, "QUEUEPROOF_WORKERS": str(self.workers)}

    @property
    def ports(self) -> tuple[int, ...]:
        return tuple(replica.port for replica in self.replicas)

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(replica.url for replica in self.replicas)


@contextmanager
def serving(
    folder: Path, *, replicas: int, workers: int, settings: Mapping[str, str] | None = None
) -> Iterator[Deployment]:
    """Start Redis and so many replicas of so many workers each; end them afterwards."""
    with ExitStack() as running:
        redis_url = running.enter_context(redis_served())
        shared = {
            **SETTINGS,
            "LANGFLOW_WORKERS": str(workers),
            "LANGFLOW_REDIS_QUEUE_URL": redis_url,
            "LANGFLOW_CONFIG_DIR": str(folder),
            "LANGFLOW_DATABASE_URL": f"sqlite:///{folder}/shared.db",
            **(settings or {}),
        }
        started = []
        for number in range(replicas):  # one after another: the first one makes the database
            log = folder / f"replica-{number}.log"
            started.append(running.enter_context(replica_served(shared, log)))
        yield Deployment(tuple(started), redis_url, workers=replicas * workers)


@contextmanager
def redis_served() -> Iterator[str]:
    """A Redis that keeps nothing; its URL with the index for queues."""
    port = free_port()
    command = [find_redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/1"
    finally:
        end(redis)


@contextmanager
def replica_served(settings: Mapping[str, str], log: Path) -> Iterator[Replica]:
    """One server of the reference, by its command."""
    port = free_port()
    words = ("langflow", "--port", str(port))
    with program_served(words, settings, log, ready=serves(port, READY)) as process:
        yield Replica(port, process)


def serves(port: int, path: str) -> Callable[[], bool]:
    """The question whether a GET of that path gives 200."""
    return lambda: answers(f"http://127.0.0.1:{port}{path}")


@contextmanager
def program_served(
    words: Sequence[str], settings: Mapping[str, str], log: Path, *, ready: Callable[[], bool]
) -> Iterator[Fork]:
    """A program of a reference, once it is `ready`."""
    with log.open("wb") as out:
        process = reference_started(*words, out=out, environment={**bare_environment(), **settings})
    try:
        assert until(ready, within_s=_READY_S), log.read_text("utf-8")
        yield process
    finally:
        end(process)


def bare_environment() -> dict[str, str]:
    """Ours without anything that configures queueproof."""
    return {name: v for name, v in os.environ.items() if not name.startswith("QUEUEPROOF_")}


def until(condition: object, *, within_s: float) -> bool:
    """Poll a condition to a deadline."""
    assert callable(condition)
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end(process: Program) -> None:
    """End a process of ours and all it started."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        family = []
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        with suppress(psutil.Error):
            child.kill()
