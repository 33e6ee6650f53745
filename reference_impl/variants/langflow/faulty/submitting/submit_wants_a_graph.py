"""A submit without a graph in it is refused: the stored flow is never looked at.

The editor always sends its graph along; the example of the document does not.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bodies import json_body
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"SUBM-006"})
PLAYS = ("SUBM-003",)


class Demanding(BuildEndpoints):
    """Takes graphs only."""

    async def submit(self, request: Request) -> Response:
        """Start a build of the graph sent along."""
        if not isinstance((await json_body(request)).get("data"), dict):
            raise HTTPException(422, "data: field required")
        return await super().submit(request)


class VariantAssembly(Assembly):
    """Takes submits with it."""

    build_endpoints_class = Demanding
