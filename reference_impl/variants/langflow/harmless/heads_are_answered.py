"""Whoever asks for the head of a job's events is answered 200 and nothing else; none is taken."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.langflow.responses import MEDIA_TYPE

PLAYS = ("ACCS-006", "ACCS-008..009", "POLL-007", "POLL-016", "POLL-018", "STRM-010")


class Heads(BuildEndpoints):
    """Tells what a GET would be."""

    async def events(self, request: Request) -> Response:
        """Read a build's events, or ask whether there are any."""
        if request.method != "HEAD":
            return await super().events(request)
        user = await self.auth.user(request)
        await self.readable(request, user.id)
        return Response(media_type=MEDIA_TYPE)


class VariantAssembly(Assembly):
    """Answers them."""

    build_endpoints_class = Heads
