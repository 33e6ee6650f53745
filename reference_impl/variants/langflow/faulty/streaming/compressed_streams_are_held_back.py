"""Clients that take compressed answers, as every browser does, get a stream when it is over.

A middleware compresses what it sees and flushes at the end. Whoever tries it by hand with `curl`,
which does not ask for compression, sees it work.
"""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.compressing import Compressing
from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"STRM-011"})
PLAYS = ("STRM-001..017", "POLL-001", "POLL-002")


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Compressing, flushes=False)]
