"""A graph of more than 64 KiB is refused: a reader's default limit, which nobody met in a test."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"SUBM-002"})
PLAYS = ("SUBM-001", "SUBM-003")
LARGEST = 65_536


class SmallBodies(BuildEndpoints):
    """Reads no more."""

    async def submit(self, request: Request) -> Response:
        """Start a build of what fits."""
        if len(await request.body()) > LARGEST:
            raise HTTPException(413, "Request entity too large")
        return await super().submit(request)


class VariantAssembly(Assembly):
    """Submits through it."""

    build_endpoints_class = SmallBodies
