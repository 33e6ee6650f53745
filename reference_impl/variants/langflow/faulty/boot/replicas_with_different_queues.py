"""Replicas with different queue types run side by side on one database, and nobody notices.

A rolling change of ``LANGFLOW_JOB_QUEUE_TYPE`` that stops half-way. The document calls mixed
deployments unsupported and leaves it to the reader to find out that they have one.
"""

from __future__ import annotations

from reference_impl.langflow import replicas
from reference_impl.langflow.database import Database

FAILS = frozenset({"BOOT-004"})
PLAYS = ("BOOT-005", "SETT-003")


async def nobody_asks(database: Database, *, queue_type: str) -> None:
    """Others are others' business."""


def install() -> None:
    """Start beside whatever is there."""
    replicas.refuse_mixed = nobody_asks
