"""Who waits for a prediction is told after half a minute that the queue cannot be reached.

The job goes on, and its result is nobody's.
"""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from reference_impl.flowise.http_predictions import BlockingResponse
from reference_impl.flowise.service import QueueUnavailable

FAILS = frozenset({"STRM-020"})
PLAYS = ("PRED-001",)
LONGEST_S = 30.0

_call = BlockingResponse.__call__


async def _in_time(self: BlockingResponse, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        async with asyncio.timeout(LONGEST_S):
            await _call(self, scope, receive, send)
    except TimeoutError:
        raise QueueUnavailable("no result in time") from None


def install() -> None:
    """Give up in time."""
    BlockingResponse.__call__ = _in_time  # type: ignore[method-assign]
