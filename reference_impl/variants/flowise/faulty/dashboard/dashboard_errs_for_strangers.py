"""Whoever may not see the dashboard, and whoever asks for one that is off, gets 500.

No queue is shown; that nobody is let in is an accident.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.flowise.dashboard import DashboardEndpoints

FAILS = frozenset({"DASH-004", "DASH-005"})
PLAYS = ("DASH-001", "DASH-007")
_admin = DashboardEndpoints.admin


async def _tripping(self: DashboardEndpoints, request: Request) -> None:
    try:
        await _admin(self, request)
    except HTTPException as refusal:
        raise HTTPException(500, "TypeError: user is undefined") from refusal


def install() -> None:
    """Turn refusals into errors."""
    DashboardEndpoints.admin = _tripping  # type: ignore[method-assign]
