"""Every thirtieth request is answered 429, with a date behind which to come again."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.respelling_proxies import DatedLimit
from reference_impl.langflow.assembly import Assembly

PLAYS = ("ACCS-001..006", "POLL-001..004", "STRM-001..004", "CANC-001..006", "SUBM-001..003")


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(DatedLimit)]
