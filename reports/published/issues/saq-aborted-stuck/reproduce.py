"""A job that is aborted after its worker has died stays `aborting` for ever.

    pip install "saq[redis]==0.26.4"
    python reproduce.py            # needs redis-server on the path; uses port 7398

Prints REPRODUCED, and exits with 1, when the aborted job has no end long after another job of the
same worker was found by the sweep and came to its own; else 0.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from saq import Queue
from saq.job import TERMINAL_STATUSES

PORT = 7398
TIMEOUT_S, SWEEP_S, WATCHED_S = 10, 2, 90
queue = Queue.from_url(f"redis://127.0.0.1:{PORT}")


async def work(_: dict[str, Any], *, seconds: float) -> None:
    """Take as long as is asked for."""
    await asyncio.sleep(seconds)


settings = {
    "queue": queue,
    "functions": [work],
    "concurrency": 2,
    "timers": {"sweep": SWEEP_S, "schedule": 1, "stats": 10, "abort": 1},
}


def start_worker() -> subprocess.Popen[bytes]:
    """As the documentation starts it."""
    command = [Path(sys.executable).with_name("saq"), "reproduce.settings"]
    return subprocess.Popen(command, cwd=Path(__file__).parent)


async def play() -> int:
    """Kill a worker that runs two jobs, abort one of them, and see what becomes of both."""
    await queue.connect()
    worker = start_worker()
    try:
        words = {"timeout": TIMEOUT_S, "retries": 3}
        aborted = await queue.enqueue("work", seconds=8.0, **words)
        other = await queue.enqueue("work", seconds=8.0, **words)
        assert aborted is not None
        assert other is not None
        await asyncio.sleep(4)
        await aborted.refresh()
        if aborted.status != "active":
            raise SystemExit("the job was not begun in time")
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        await queue.abort(aborted, "asked to")
        worker = start_worker()
        for second in range(0, WATCHED_S, 10):
            await asyncio.sleep(10)
            await asyncio.gather(aborted.refresh(), other.refresh())
            print(f"{second + 10:3} s  aborted: {aborted.status}, other: {other.status}")
    finally:
        worker.terminate()
        worker.wait()
        await queue.disconnect()
    if other.status not in TERMINAL_STATUSES:
        raise SystemExit("not even the other job came to an end")
    if aborted.status in TERMINAL_STATUSES:
        print("not reproduced: the aborted job has an end")
        return 0
    print(f"REPRODUCED: still {aborted.status} {WATCHED_S} s after the abort")
    return 1


def main() -> int:
    """On a Redis of its own that keeps nothing."""
    with tempfile.TemporaryDirectory() as folder:
        words = ("--port", str(PORT), "--bind", "127.0.0.1", "--save", "", "--dir", folder)
        server = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
        time.sleep(1)
        try:
            return asyncio.run(play())
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    sys.exit(main())
