"""While Redis does not answer, a worker logs every try, and tries without a pause to speak of.

Seen in consumers whose reconnect loop logs an error and goes round.
"""

from __future__ import annotations

import asyncio
import sys

from reference_impl.generic.worker import TROUBLE, Worker

FAILS = frozenset({"WORK-012"})
PLAYS = ("WORK-008",)
_LINES = 60
_AGAIN_S = 0.1


def install() -> None:
    """Print a trace at every try."""

    async def promote_for_ever(self: Worker) -> None:
        while True:
            try:
                await self.store.promote()
            except TROUBLE as error:
                for number in range(_LINES):
                    sys.stdout.write(f"  frame {number}: {error!r}\n")
                sys.stdout.flush()
            await asyncio.sleep(_AGAIN_S)

    Worker.promote_for_ever = promote_for_ever  # type: ignore[method-assign]
