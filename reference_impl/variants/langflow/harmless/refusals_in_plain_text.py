"""Refusals are a line of plain text, as a gateway writes them, and no JSON."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.respelling_proxies import PlainRefusals
from reference_impl.langflow.assembly import Assembly

PLAYS = ("access", "POLL-007", "STRM-010", "CANC-008..009", "SUBM-003", "TTL-006")


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(PlainRefusals)]
