"""Every path is redirected to the same with a slash at its end, by the same method (307)."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import SlashRedirects
from reference_impl.langflow.assembly import Assembly


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(SlashRedirects)]
