"""Jobs of a dead worker are begun twice at the same moment: two sweeps take them up side by side.

    pip install "saq[redis]==0.26.4"
    python reproduce.py            # needs redis-server on the path; uses port 7397

Prints REPRODUCED, and exits with 1, when a job is begun while another run of it is at work, though
its timeout is not over; else 0.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from saq import Queue

PORT = 7397
JOBS, SECONDS, TIMEOUT_S, SWEEP_S, WATCHED_S = 6, 8.0, 15, 2, 75
AT_WORK = "at-work"
queue = Queue.from_url(f"redis://127.0.0.1:{PORT}")


async def work(context: dict[str, Any], *, number: int) -> None:
    """Say how many runs of this job are at work, this one included; take a while."""
    now = await queue.redis.hincrby(AT_WORK, number, 1)
    print(f"job {number}, attempt {context['job'].attempts}: {now} at work", flush=True)
    await queue.redis.rpush(f"seen:{number}", now)
    await asyncio.sleep(SECONDS)
    await queue.redis.hincrby(AT_WORK, number, -1)


settings = {
    "queue": queue,
    "functions": [work],
    "concurrency": 10,
    "timers": {"sweep": SWEEP_S, "schedule": 1, "stats": 10, "abort": 1},
}


def start_worker() -> subprocess.Popen[bytes]:
    """As the documentation starts it."""
    command = [Path(sys.executable).with_name("saq"), "reproduce.settings"]
    return subprocess.Popen(command, cwd=Path(__file__).parent)


async def play() -> int:
    """Kill a worker that runs six jobs, and see how the two others take them up."""
    await queue.connect()
    first = start_worker()
    workers = [first]
    try:
        for number in range(JOBS):
            await queue.enqueue("work", number=number, timeout=TIMEOUT_S, retries=3)
        await asyncio.sleep(4)
        if len(await queue.redis.hgetall(AT_WORK)) != JOBS:
            raise SystemExit("the jobs were not begun in time")
        first.send_signal(signal.SIGKILL)
        first.wait()
        await queue.redis.delete(AT_WORK, *(f"seen:{number}" for number in range(JOBS)))
        workers += [start_worker(), start_worker()]
        await asyncio.sleep(WATCHED_S)
        most: Counter[int] = Counter()
        for number in range(JOBS):
            seen = await queue.redis.lrange(f"seen:{number}", 0, -1)
            most[number] = max((int(each) for each in seen), default=0)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
        await queue.disconnect()
    if not any(most.values()):
        raise SystemExit("no job was taken up")
    twice = [number for number, at_once in most.items() if at_once > 1]
    if not twice:
        print("not reproduced: no job had two runs at work")
        return 0
    print(f"REPRODUCED: {len(twice)} of {JOBS} jobs had two runs at work at the same moment")
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
