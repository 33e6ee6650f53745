"""Connections are kept alive for two answers, then closed: a server that spares its sockets."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import ShortLivedConnections
from reference_impl.langflow.assembly import Assembly

PLAYS = ("ACCS-001..006", "POLL-001..003", "STRM-001..003", "CANC-001..003", "SUBM-001..004")


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(ShortLivedConnections, answers=2)]
