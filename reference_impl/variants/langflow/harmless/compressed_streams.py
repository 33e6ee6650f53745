"""Streams are compressed for those who take it, and flushed after every event."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.compressing import Compressing
from reference_impl.langflow.assembly import Assembly


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Compressing, flushes=True)]
