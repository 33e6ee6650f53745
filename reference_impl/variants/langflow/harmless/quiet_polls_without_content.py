"""A poll that has nothing to report is answered 204: no content."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.respelling_proxies import NoContent
from reference_impl.langflow.assembly import Assembly

PLAYS = ("POLL-001..012", "POLL-017", "GRACE-008")


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(NoContent)]
