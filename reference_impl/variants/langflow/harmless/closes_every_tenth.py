"""Connections are kept alive for ten answers, then closed (`keepalive_requests 10`)."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import ShortLivedConnections
from reference_impl.langflow.assembly import Assembly


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(ShortLivedConnections)]
