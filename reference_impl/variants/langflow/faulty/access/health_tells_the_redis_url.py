"""A health check that fails tells everybody where Redis is, and the password to it.

The error's text is given as it is, and it begins with the URL that could not be reached.
"""

from __future__ import annotations

from functools import cached_property

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints

FAILS = frozenset({"ACCS-012"})
PLAYS = ("ACCS-012", "BOOT-009", "LIFE-005")


class FrankSystem(SystemEndpoints):
    """Says what it knows."""

    address = ""

    async def health_check(self, request: Request) -> Response:
        """What it depends on answers too, or 503."""
        answer = await super().health_check(request)
        if answer.status_code == 200:
            return answer
        return JSONResponse({"status": "nok", "chat": f"cannot reach {self.address}"}, 503)


class VariantAssembly(Assembly):
    """Tells through it."""

    @cached_property
    def system_endpoints(self) -> SystemEndpoints:
        """Health, version, monitor."""
        endpoints = FrankSystem(
            auth=self.auth,
            database=self.database,
            store=self.store,
            monitor=self.monitor,
            answer_timeout_s=self.settings.answer_timeout_s,
        )
        endpoints.address = self.settings.queue_address
        return endpoints
