"""Any login opens the dashboard.

As in the real Flowise.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.flowise.dashboard import DashboardEndpoints

FAILS = frozenset({"DASH-005"})
PLAYS = ("DASH-004",)


async def _any_login(self: DashboardEndpoints, request: Request) -> None:
    await self.auth.visitor(request)


def install() -> None:
    """Ask for any login."""
    DashboardEndpoints.admin = _any_login  # type: ignore[method-assign]
