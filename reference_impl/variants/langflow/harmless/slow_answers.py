"""A deployment behind a slow proxy: every request reaches it 300 ms late."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import SlowProxy
from reference_impl.langflow.assembly import Assembly


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(SlowProxy)]
