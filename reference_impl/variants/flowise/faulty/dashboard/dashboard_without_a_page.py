"""The dashboard's page was left out of the build: its JSON is there, for nobody to look at."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.dashboard import DashboardEndpoints

FAILS = frozenset({"DASH-007"})
PLAYS = ("DASH-001", "DASH-004", "DASH-005")

_page = DashboardEndpoints.page


async def _missing(self: DashboardEndpoints, request: Request) -> Response:
    answer = await _page(self, request)
    if answer.status_code == 200:
        raise HTTPException(404, "Not Found")
    return answer


def install() -> None:
    """Have no page."""
    DashboardEndpoints.page = _missing  # type: ignore[method-assign]
