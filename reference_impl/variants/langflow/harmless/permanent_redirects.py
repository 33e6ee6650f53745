"""Every path is redirected for good (308) to the same behind a prefix, by its whole address."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies_more import MovedPermanently
from reference_impl.langflow.assembly import Assembly


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(MovedPermanently)]
