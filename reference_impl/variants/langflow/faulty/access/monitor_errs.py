"""The monitor answers everybody with 500: a counter that was renamed in one place of two.

Nobody is told whether cancels cross workers, and the 403 for ordinary users is gone as well.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints

FAILS = frozenset({"ACCS-004"})
PLAYS = ("ACCS-001..009", "monitor", "CANC-013", "SETT-003", "SETT-009", "DBIX-006", "WDOG-003")


class ErringMonitor(SystemEndpoints):
    """Trips over itself before it has asked who is there."""

    async def job_queue(self, request: Request) -> Response:
        """No metrics."""
        return JSONResponse({"detail": "KeyError: 'dispatched'"}, 500)


class VariantAssembly(Assembly):
    """Has a monitor of no use."""

    system_endpoints_class = ErringMonitor
