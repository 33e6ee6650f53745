"""A submit is refused with 503 and run all the same, once Redis is back.

The server's own retry queue, beside the client's: both keep trying, and the work is done twice,
once for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.background import Background
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import StoreUnavailable

SCENARIOS = {"CHAOS-033": frozenset({"LIFE-008"})}
PAUSE_S = 0.2


class Stubborn(BuildDesk):
    """Gives no submit up."""

    background: Background

    async def submit(self, *, user_id: str, graph: Mapping[str, Any]) -> Job:
        """Start, or refuse and start later."""
        try:
            return await super().submit(user_id=user_id, graph=graph)
        except StoreUnavailable:
            self.background.spawn(self._later(user_id, graph))
            raise

    async def _later(self, user_id: str, graph: Mapping[str, Any]) -> None:
        while True:
            await asyncio.sleep(PAUSE_S)
            try:
                await super().submit(user_id=user_id, graph=graph)
            except StoreUnavailable:
                continue
            return


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = Stubborn

    @cached_property
    def desk(self) -> BuildDesk:
        """A desk with a retry queue."""
        made = super().desk
        assert isinstance(made, Stubborn)
        made.background = self.background
        return made
