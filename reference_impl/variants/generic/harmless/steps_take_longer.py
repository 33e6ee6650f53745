"""Each step takes a fifth of a second longer than was asked."""

from __future__ import annotations

import asyncio

from reference_impl.generic import worker

PLAYS = ("SUBM-002", "CANC-002", "CANC-017", "PROM-005", "PROM-006", "STAT-001", "STAT-002")
SCENARIOS: dict[str, frozenset[str]] = {"CHAOS-201": frozenset(), "CHAOS-202": frozenset()}
_LONGER_S = 0.2


def install() -> None:
    """Wait before each report."""
    report = worker.report

    async def late(url: str) -> None:
        await asyncio.sleep(_LONGER_S)
        await report(url)

    worker.report = late
