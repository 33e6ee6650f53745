"""Commands of a deployment's owner: run without a shell, bounded in time, their output kept.

What a command prints goes to a file that has no name. A pipe would not do: a server that a start
command leaves running keeps its end of it, so that nobody could tell when the command is over, and
it would die of the first line that it prints after us. For the same reason each has a session of
its own: Ctrl-C ends our run, not the deployment.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from typing import IO

from queueproof.errors import HarnessError

_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.25
#: What a command may print while it runs; of what came in the last moment the end is read.
_MOST_BYTES = 64 * 2**20
_COMPLAINT = 200


async def run_command(words: Sequence[str], *, within_s: float = _WITHIN_S) -> str:
    """Run a program to its end and return what it printed on its standard output.

    What it says on standard error is kept for the reason of a failure alone.

    Raises HarnessError when it cannot be started, fails, takes longer, or prints without end.
    """
    try:
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=complaints,
                start_new_session=True,
            )
            if why := await _why_not_over(process, (output, complaints), within_s):
                process.kill()
                await process.wait()
                raise HarnessError(f"{words[0]} {why}")
            text, said = _text_in(output), _text_in(complaints)
    except OSError as error:
        raise HarnessError(f"cannot run {words[0]}: {error.strerror or error}") from error
    if process.returncode:
        raise HarnessError(
            f"{words[0]} ends with {process.returncode}: {(said or text)[-_COMPLAINT:]}"
        )
    return text


async def _why_not_over(
    process: asyncio.subprocess.Process, printed: Sequence[IO[bytes]], within_s: float
) -> str:
    """Wait for its end; why that is of no use any more, empty once it has ended."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            async with asyncio.timeout(min(_LOOK_EVERY_S, within_s)):
                await process.wait()
            return ""
        except TimeoutError:
            if sum(os.fstat(file.fileno()).st_size for file in printed) > _MOST_BYTES:
                return f"prints more than {_MOST_BYTES // 2**20} MiB"
    return f"does not end within {within_s:.0f} s"


def _text_in(file: IO[bytes]) -> str:
    size = os.fstat(file.fileno()).st_size
    # Read from where it is wanted, without moving the place where a server goes on writing.
    raw = os.pread(file.fileno(), _MOST_BYTES, max(0, size - _MOST_BYTES))
    return raw.decode("utf-8", "replace").strip()
