"""Bodies arrive in chunks cut anywhere, in the middle of a line, a word or a character."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import Knife
from reference_impl.langflow.assembly import Assembly


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Knife)]
