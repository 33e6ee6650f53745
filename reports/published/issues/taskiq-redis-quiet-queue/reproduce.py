"""In a queue without other tasks, a dead worker's task is never taken up again.

    pip install taskiq==0.13.0 taskiq-redis==1.2.4      # reproduced
    pip install taskiq==0.12.1 taskiq-redis==1.2.2      # not reproduced
    python reproduce.py            # needs redis-server on the path; uses port 7398

Prints REPRODUCED, and exits with 1, when the task was not begun again within a minute although
`idle_timeout` is six seconds and another worker is idle; else 0.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from taskiq_redis import RedisStreamBroker

PORT = 7398
IDLE_S, WATCHED_S = 6, 60
broker = RedisStreamBroker(url=f"redis://127.0.0.1:{PORT}", idle_timeout=IDLE_S * 1000)


@broker.task
async def work(begun: str) -> None:
    """Note that a run has begun, and take half a minute."""
    with Path(begun).open("a") as sink:
        sink.write(f"{os.getpid()}\n")
    await asyncio.sleep(30)


def start_worker() -> subprocess.Popen[bytes]:
    """One worker process, in a group of its own."""
    taskiq = Path(sys.executable).with_name("taskiq")
    words = ("worker", "reproduce:broker", "--workers", "1")
    return subprocess.Popen([taskiq, *words], cwd=Path(__file__).parent, start_new_session=True)


async def submit(begun: str) -> None:
    """One task, and nothing else ever."""
    await broker.startup()
    await work.kiq(begun)
    await broker.shutdown()


def runs(begun: Path) -> int:
    """How often the task was begun."""
    return len(begun.read_text().split()) if begun.exists() else 0


def await_runs(begun: Path, number: int, within_s: float) -> bool:
    """Whether the task is begun so often within the time."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s and runs(begun) < number:
        time.sleep(0.2)
    return runs(begun) >= number


def main() -> int:
    """Kill the worker that runs the only task, and start another."""
    with tempfile.TemporaryDirectory() as folder:
        begun = Path(folder, "begun")
        words = ("--port", str(PORT), "--bind", "127.0.0.1", "--save", "", "--dir", folder)
        server = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
        time.sleep(1)
        workers = [start_worker()]
        try:
            time.sleep(5)
            asyncio.run(submit(str(begun)))
            if not await_runs(begun, 1, 30):
                raise SystemExit("the task was never begun")
            os.killpg(workers[0].pid, signal.SIGKILL)
            workers.append(start_worker())
            again = await_runs(begun, 2, WATCHED_S)
        finally:
            for worker in workers:
                if worker.poll() is None:
                    os.killpg(worker.pid, signal.SIGKILL)
            server.kill()
    print("not reproduced: begun again" if again else f"REPRODUCED: not begun in {WATCHED_S} s")
    return int(not again)


if __name__ == "__main__":
    sys.exit(main())
