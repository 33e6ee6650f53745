"""Header names are written in capitals, and the content type in a spelling of its own."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.respelling_proxies import ShoutedHeaders
from reference_impl.langflow.assembly import Assembly

PLAYS = ("ACCS-001..006", "POLL-001..003", "POLL-016", "STRM-001..003", "STRM-017", "CANC-001..003")


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(ShoutedHeaders)]
