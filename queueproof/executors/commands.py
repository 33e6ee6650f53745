"""Commands of a deployment's owner: run without a shell, bounded in time, their output kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queueproof.errors import HarnessError

_WITHIN_S = 120.0


async def run_command(words: Sequence[str], *, within_s: float = _WITHIN_S) -> str:
    """Run a program to its end and return what it printed on its standard output.

    What it says on standard error is kept for the reason of a failure alone.

    Raises HarnessError when it cannot be started, fails, or takes longer.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise HarnessError(f"cannot run {words[0]}: {error.strerror}") from error
    try:
        async with asyncio.timeout(within_s):
            output, complaints = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise HarnessError(f"{words[0]} does not end within {within_s:.0f} s") from None
    text = output.decode("utf-8", "replace").strip()
    if process.returncode:
        said = complaints.decode("utf-8", "replace").strip() or text
        raise HarnessError(f"{words[0]} ends with {process.returncode}: {said[-200:]}")
    return text
