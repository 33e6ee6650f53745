"""Background tasks that are done stay in the set that keeps them from being collected.

The advice to hold a reference to every ``asyncio`` task, followed by half: without the callback
that discards it the set grows with every cancel, and so does the process.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.background import Background

FAILS = frozenset({"MONI-008"})
PLAYS = ("MONI-002", "MONI-009")


class Attached(Background):
    """Lets nothing go."""

    def _done(self, task: asyncio.Task[None]) -> None:
        """Keep it."""


class VariantAssembly(Assembly):
    """Leaks tasks."""

    background_class = Attached
