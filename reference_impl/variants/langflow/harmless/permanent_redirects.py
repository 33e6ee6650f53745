"""Every path is redirected for good (308) to the same with a slash, by its whole address."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import SlashRedirects
from reference_impl.langflow.assembly import Assembly

PLAYS = ("ACCS-001..006", "POLL-001..003", "STRM-001..003", "CANC-001..003", "SUBM-001..003")


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(SlashRedirects, status=308, whole=True)]
