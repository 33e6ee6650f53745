"""Starts that should be refused go through, and print what every start prints at debug level.

Langflow tells its settings, the services that it starts and the workers that it boots. Whoever
looks for `worker`, `queue` and `cache` in that finds them, and no word of what is wrong.
"""

from __future__ import annotations

import sys

from reference_impl.langflow import preflight, replicas, settings
from reference_impl.langflow.database import Database

FAILS = frozenset({"BOOT-003", "BOOT-004", "BOOT-005", "DBIX-003"})
PLAYS = ("BOOT-002",)
USUAL = (
    "Booting worker with pid: 12 · job_queue_service: starting",
    "{'workers': 2, 'job_queue_type': 'asyncio', 'refresh_same_site': 'none'}",
    "queue connected to redis db 0",
    "cache connected to redis db 0",
    "both in the same event loop; redis client version 5.2.1",
)
_FREE = (settings.refuse_unshared_builds, settings.refuse_collision)


async def nobody_asks(database: Database, *, queue_type: str) -> None:
    """Others are others' business."""


def install() -> None:
    """Leave the checks out, and print the usual."""
    sys.stdout.write("\n".join([*USUAL, ""]))
    sys.stdout.flush()
    replicas.refuse_mixed = nobody_asks
    preflight.OLDEST_REDIS = 0
    settings.CHECKS = tuple(check for check in settings.CHECKS if check not in _FREE)
