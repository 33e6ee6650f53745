"""There is no monitor: its route was lost in a merge.

Everything that would be judged by it is silent; a superuser gets 404, and so does everybody else.
"""

from __future__ import annotations

from starlette.routing import Route

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints

FAILS = frozenset({"ACCS-004"})
PLAYS = ("ACCS-001..009", "monitor", "CANC-013", "SETT-003", "SETT-009", "DBIX-006", "WDOG-003")


class WithoutMonitor(SystemEndpoints):
    """Health and version, and that is all."""

    def routes(self) -> list[Route]:
        """All but the monitor's."""
        return [route for route in super().routes() if "monitor" not in route.path]


class VariantAssembly(Assembly):
    """Has no monitor."""

    system_endpoints_class = WithoutMonitor
