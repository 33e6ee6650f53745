"""The rate of a program's log: lines a second."""

from __future__ import annotations

import asyncio

from queueproof.errors import Inconclusive
from queueproof.stack.launcher import Boot


async def lines_a_second(program: Boot, *, for_s: float) -> float:
    """How many lines a second a program writes from now on, over so many seconds.

    Raises Inconclusive where it has ended: what is dead writes nothing.
    """
    before = len(program.output.splitlines())
    await asyncio.sleep(for_s)
    if program.child.exit_code is not None:
        raise Inconclusive(f"the program has ended: {program.last_lines}")
    return (len(program.output.splitlines()) - before) / for_s
