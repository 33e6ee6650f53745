"""The one loop behind every duty that is done again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from reference_impl.store.base import StoreUnavailable


async def every(period_s: float, duty: Callable[[], Awaitable[None]]) -> None:
    """Do ``duty`` every ``period_s``, for ever; an absent store only postpones it."""
    while True:
        await asyncio.sleep(period_s)
        try:
            await duty()
        except StoreUnavailable:
            continue
