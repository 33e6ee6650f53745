"""A request for the head alone is served as any other, and its body thrown away.

Frameworks answer HEAD wherever GET is answered. A link checker, or the preview of a chat, takes a
poll's events with it, and ends the build when it does not wait for a stream.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"POLL-018"})
PLAYS = ("POLL-002..004", "POLL-016", "STRM-002")


class ServesHeads(BuildEndpoints):
    """Makes no difference."""

    async def events(self, request: Request) -> Response:
        """Read a build's events, whatever for."""
        return await super().events(Request({**request.scope, "method": "GET"}, request.receive))


class VariantAssembly(Assembly):
    """Reads through it."""

    build_endpoints_class = ServesHeads
