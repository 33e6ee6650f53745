"""What the master does before it forks, and what the workers find because it did."""

from __future__ import annotations

import asyncio
import fcntl
import os
import resource
import tempfile
from contextlib import suppress
from dataclasses import dataclass

from reference_impl.langflow import replicas
from reference_impl.langflow.auth import ensure_superuser
from reference_impl.langflow.database import Database, make_engine
from reference_impl.langflow.replicas import ReplicaWatch, new_replica_id
from reference_impl.langflow.security import load_secret_key
from reference_impl.langflow.settings import Settings

READY_LINE = "✓ Launching Langflow..."
OPEN_FILES = 65_536
PRELOAD_BEGINS = "[preload] initializing services in master"
PRELOAD_DONE = "[preload] master preload complete; workers will inherit shared state via COW"


@dataclass(frozen=True)
class Replica:
    """This master and its workers. The file counts ready workers and carries the lock."""

    watch: ReplicaWatch
    fd: int


_replica: Replica | None = None


def allow_many_connections() -> None:
    """Raise the limit on open files as far as it may be; workers inherit it.

    A reader takes two, its client's and one to Redis: at the usual limit of 1,024 a worker would
    refuse the six-hundredth.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def prepare(settings: Settings) -> None:
    """Make the database ready, once, before any worker can race another."""
    asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> None:
    await make_ready(settings)
    watch = _open_replica(settings)
    database = Database(make_engine(settings))
    try:
        await database.see_replica(watch.replica_id, watch.queue_type)
    finally:
        await database.close()


async def make_ready(settings: Settings) -> None:
    """Create the secret key, the tables and the superuser; refuse a rival queue type."""
    settings.config_path.mkdir(parents=True, exist_ok=True)
    load_secret_key(settings.config_path)
    database = Database(make_engine(settings))
    try:
        await database.create_tables()
        name, secret = settings.superuser_name, settings.superuser_secret
        await ensure_superuser(database, username=name, password=secret)
        await replicas.refuse_mixed(database, queue_type=settings.queue_type)
    finally:
        await database.close()


def _open_replica(settings: Settings) -> ReplicaWatch:
    global _replica
    with tempfile.TemporaryFile() as file:
        fd = os.dup(file.fileno())
    watch = ReplicaWatch(new_replica_id(), settings.queue_type, fd)
    _replica = Replica(watch, fd)
    return watch


def replica_watch() -> ReplicaWatch | None:
    """The watch the master opened; None where there is no master (tests in one process)."""
    return _replica.watch if _replica else None


def leave(settings: Settings) -> None:
    """The master stops: another queue type may take over the database at once."""
    if _replica is not None:
        asyncio.run(_leave(settings, _replica.watch))


async def _leave(settings: Settings, watch: ReplicaWatch) -> None:
    database = Database(make_engine(settings))
    try:
        await database.forget_replica(watch.replica_id)
    finally:
        await database.close()


def worker_is_ready(settings: Settings) -> None:
    """Count this worker; the one that completes the first full set says so, once."""
    if _replica is None:
        return
    # Byte 0 is the replica lock; the count is kept behind it, under a lock of its own.
    fcntl.lockf(_replica.fd, fcntl.LOCK_EX, 1, 1)
    try:
        ready = len(os.pread(_replica.fd, 100_000, 1)) + 1
        os.pwrite(_replica.fd, b"x", ready)
    finally:
        fcntl.lockf(_replica.fd, fcntl.LOCK_UN, 1, 1)
    if ready == settings.workers:
        print(READY_LINE, flush=True)
