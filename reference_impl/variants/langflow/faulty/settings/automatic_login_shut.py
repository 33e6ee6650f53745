"""Automatic login is configured, and its endpoint answers 403.

Closed for security's sake in the code instead of in the setting. Front ends that rely on it show
a log-in form for a user whom nobody ever gave a password.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_users import UserEndpoints

FAILS = frozenset({"SETT-016"})
PLAYS = ("SETT-015", "ACCS-001")


class Shut(UserEndpoints):
    """Wants a password from everybody."""

    async def auto_login(self, request: Request) -> Response:
        """No."""
        return JSONResponse({"detail": "Auto login is disabled."}, 403)


class VariantAssembly(Assembly):
    """Opens to nobody by itself."""

    user_endpoints_class = Shut
