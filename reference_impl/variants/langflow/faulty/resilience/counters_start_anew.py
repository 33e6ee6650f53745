"""The cancel counters begin at zero again whenever the dispatcher's connection is lost.

They live in the connection's object. Rates computed from them are negative just when they matter.
"""

from __future__ import annotations

from dataclasses import fields

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher

SCENARIOS = {"CHAOS-029": frozenset({"RESI-011"})}


class Forgetful(CancelDispatcher):
    """Counts what came over this connection."""

    async def listen(self) -> None:
        """Listen; what was counted goes with the connection."""
        try:
            await super().listen()
        finally:
            for counter in fields(self.stats):
                setattr(self.stats, counter.name, 0)


class VariantAssembly(Assembly):
    """Listens with it."""

    dispatcher_class = Forgetful
