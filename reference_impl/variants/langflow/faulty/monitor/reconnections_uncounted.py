"""A dispatcher that came back counts nothing: ``dispatcher_reconnects`` stays at zero for ever.

The flag that tells a first connection from a later one is reset when a connection is lost, so that
every connection is a first one. The graph that would have shown the flapping network is flat.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher

FAILS = frozenset({"MONI-015"})
PLAYS = ("MONI-003", "MONI-016")


class AlwaysNew(CancelDispatcher):
    """Has never been connected before."""

    def connected(self) -> None:
        """Signals are heard from now on, for the first time."""
        self._was_connected = False
        super().connected()


class VariantAssembly(Assembly):
    """Listens through it."""

    dispatcher_class = AlwaysNew
