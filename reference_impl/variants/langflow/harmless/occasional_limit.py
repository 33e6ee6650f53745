"""Every twentieth request is answered 429 with `Retry-After: 0`, whoever asks."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import OccasionalLimit
from reference_impl.langflow.assembly import Assembly


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(OccasionalLimit)]
