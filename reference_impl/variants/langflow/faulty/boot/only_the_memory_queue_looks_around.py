"""An asyncio replica beside a Redis one is refused; a Redis one beside an asyncio one is welcome.

The check was written for the mistake that had been made: a replica started without its settings.
Whoever brings Redis to a deployment that runs without it makes the other one.
"""

from __future__ import annotations

from reference_impl.langflow import replicas
from reference_impl.langflow.database import Database

FAILS = frozenset({"BOOT-004"})
PLAYS = ("BOOT-005",)

_refuse = replicas.refuse_mixed


async def refuse(database: Database, *, queue_type: str) -> None:
    """Where the queue is in memory."""
    if queue_type == "asyncio":
        await _refuse(database, queue_type=queue_type)


def install() -> None:
    """At every start."""
    replicas.refuse_mixed = refuse
