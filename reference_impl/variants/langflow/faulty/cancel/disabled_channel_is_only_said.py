"""``…_CANCEL_CHANNEL_ENABLED=false`` changes what the monitor says, and nothing else.

The flag was wired to the metrics first, and the other half of the change was never merged.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints

FAILS = frozenset({"CANC-013"})
PLAYS = ("CANC-014", "MONI-009")


class VariantAssembly(Assembly):
    """Listens whatever was set, and says what was set."""

    @cached_property
    def channel_enabled(self) -> bool:
        """Wherever there is a channel."""
        return self.settings.on_redis

    @cached_property
    def system_endpoints(self) -> SystemEndpoints:
        """With a monitor that knows the setting."""
        endpoints = super().system_endpoints
        truth = endpoints.snapshot

        def as_set() -> dict[str, Any]:
            said = truth()
            if not self.settings.cancel_channel_enabled:
                said["cancel_dispatcher_running"] = False
            return said

        endpoints.snapshot = as_set  # type: ignore[method-assign]
        return endpoints
