"""Where a worker stands between its start and its end."""

from __future__ import annotations

import asyncio


class Lifecycle:
    """``stopping``: serve what is open, hold nothing. ``cutting``: the drain is over, end it."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.cutting = asyncio.Event()
