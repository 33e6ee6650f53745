"""Detects deployments on one database whose replicas use different queue types.

Langflow 1.10 "Deploy Langflow with multiple workers", Prerequisites: mixed deployments are not
supported. Each replica (one master and its workers) keeps a row; one of its processes renews it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from dataclasses import dataclass

from reference_impl.langflow.database import Database, DatabaseError

RENEW_EVERY_S = 1.0
LIVE_WITHIN_S = 5.0


class MixedQueueTypes(Exception):
    """Another replica on this database uses another queue."""


async def refuse_mixed(database: Database, *, queue_type: str) -> None:
    """Raise :class:`MixedQueueTypes` if a live replica uses another queue type."""
    others = await database.live_queue_types(within_s=LIVE_WITHIN_S) - {queue_type}
    if others:
        raise MixedQueueTypes(
            f"LANGFLOW_JOB_QUEUE_TYPE={queue_type}, but a live replica on the same database uses "
            f"{', '.join(sorted(others))}; all replicas must use the same queue type"
        )


@dataclass(frozen=True)
class ReplicaWatch:
    """Renews the replica's row from whichever worker holds the lock.

    ``lock_fd`` is a file opened by the master. Record locks belong to a process and end with it,
    so a dead worker is succeeded by another within a second.
    """

    replica_id: str
    queue_type: str
    lock_fd: int

    async def run(self, database: Database) -> None:
        """Never returns; a database that is away is tried again."""
        while True:
            if self._holds_lock():
                with contextlib.suppress(DatabaseError, OSError):
                    await database.see_replica(self.replica_id, self.queue_type)
            await asyncio.sleep(RENEW_EVERY_S)

    def _holds_lock(self) -> bool:
        try:
            fcntl.lockf(self.lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
        except OSError:
            return False
        return True


def new_replica_id() -> str:
    """An ID for a replica that starts now."""
    return f"{os.uname().nodename[:32]}-{os.getpid()}-{os.urandom(4).hex()}"
