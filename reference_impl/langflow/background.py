"""Fire-and-forget tasks, counted and kept from being collected."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from reference_impl.common.tasks import end_all


class Background:
    """Runs what nobody waits for; a failure is reported to the loop's exception handler."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """How many run now."""
        return len(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start ``work``."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def stop(self) -> None:
        """Cancel what still runs."""
        await end_all(self._tasks)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "background task failed", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)
