"""The dashboard asks nobody who he is."""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.flowise.dashboard import DashboardEndpoints

FAILS = frozenset({"DASH-004", "DASH-005"})
PLAYS = (
    "DASH-001",
    "DASH-007",
)


async def _anybody(self: DashboardEndpoints, request: Request) -> None:
    return


def install() -> None:
    """Ask nobody."""
    DashboardEndpoints.admin = _anybody  # type: ignore[method-assign]
