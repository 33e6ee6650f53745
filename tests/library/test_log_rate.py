"""How fast a program writes its log is told of one that lives."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from queueproof.case_helpers.log_rate import lines_a_second
from queueproof.errors import Inconclusive
from queueproof.stack.children import start_child
from queueproof.stack.launcher import Boot

_WRITES = "import time\nwhile True: print('trying again', flush=True); time.sleep(0.02)"
_FLOODS_AND_ENDS = "for _ in range(10_000): print('cannot reach Redis')"


def rate_of(program: str, folder: Path, *, for_s: float) -> float:
    async def scenario() -> float:
        command = (sys.executable, "-c", program)
        child = await start_child(command, environment={}, log=folder / "program.log")
        try:
            boot = Boot(child, url="", data=folder, serving=True, took_s=0.0)
            return await lines_a_second(boot, for_s=for_s)
        finally:
            await child.stop()

    return asyncio.run(scenario())


def test_lines_are_counted_while_it_writes(tmp_path: Path) -> None:
    assert 0 < rate_of(_WRITES, tmp_path, for_s=1.0) < 100


def test_a_program_that_has_ended_is_no_quiet_one(tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match=r"the program has ended: .*cannot reach Redis"):
        rate_of(_FLOODS_AND_ENDS, tmp_path, for_s=1.0)
