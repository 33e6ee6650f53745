"""``…_CANCEL_CHANNEL_ENABLED=false`` is read, stored, and never looked at again.

The switch of a feature that everybody has on. Found on the day when somebody needs it off,
because their Redis proxy knows no Pub/Sub.
"""

from __future__ import annotations

from functools import cached_property

from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"CANC-013"})
PLAYS = ("CANC-013", "CANC-014")


class VariantAssembly(Assembly):
    """Listens whatever was set."""

    @cached_property
    def channel_enabled(self) -> bool:
        """Wherever there is a channel."""
        return self.settings.on_redis
