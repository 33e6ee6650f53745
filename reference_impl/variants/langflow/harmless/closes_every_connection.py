"""Every answer ends its connection, as a front without keep-alive has it."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common import proxies
from reference_impl.common.proxies import ShortLivedConnections
from reference_impl.langflow.assembly import Assembly


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        proxies.ANSWERS = 1
        return [Middleware(ShortLivedConnections)]
