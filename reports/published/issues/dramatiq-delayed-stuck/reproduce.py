"""Delayed messages that a worker holds when Redis is restarted are never done while it lives.

    pip install "dramatiq[redis]==2.2.1"
    python reproduce.py            # needs redis-server on the path; uses port 7397

Prints REPRODUCED, and exits with 1, when messages that came due within a minute were not done
although Redis was away for three seconds only, kept its data, and the worker is alive; else 0.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dramatiq
from dramatiq.brokers.redis import RedisBroker

PORT = 7397
MESSAGES, FIRST_MS, APART_MS = 12, 3000, 700
AWAY_S, WATCHED_S = 3, 75
dramatiq.set_broker(RedisBroker(url=f"redis://127.0.0.1:{PORT}", heartbeat_timeout=5000))


@dramatiq.actor(max_retries=3)
def work(folder: str, number: int) -> None:
    """Note that this message was done."""
    Path(folder, str(number)).touch()


def start_redis(folder: str) -> subprocess.Popen[bytes]:
    """A server that has every write on disk before it answers."""
    words = ("--port", str(PORT), "--bind", "127.0.0.1", "--save", "", "--dir", folder)
    safe = ("--appendonly", "yes", "--appendfsync", "always")
    server = subprocess.Popen(["redis-server", *words, *safe], stdout=subprocess.DEVNULL)
    time.sleep(1)
    return server


def main() -> int:
    """Restart Redis while delayed messages wait in a worker, and look who is done."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as done:
        server = start_redis(folder)
        command = [Path(sys.executable).with_name("dramatiq"), "reproduce", "--processes", "1"]
        worker = subprocess.Popen(command, cwd=Path(__file__).parent, start_new_session=True)
        try:
            time.sleep(4)
            for number in range(MESSAGES):
                delay = FIRST_MS + number * APART_MS
                work.send_with_options(args=(done, number), delay=delay)
            time.sleep(5)
            before = len(list(Path(done).iterdir()))
            server.send_signal(signal.SIGTERM)
            server.wait()
            time.sleep(AWAY_S)
            server = start_redis(folder)
            time.sleep(WATCHED_S)
            after, alive = len(list(Path(done).iterdir())), worker.poll() is None
        finally:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
            server.kill()
    if before == MESSAGES or not alive:
        raise SystemExit("nothing waited when Redis went, or the worker ended")
    if after == MESSAGES:
        print("not reproduced: all were done")
        return 0
    print(f"REPRODUCED: {MESSAGES - after} of {MESSAGES} messages not done in {WATCHED_S} s")
    return 1


if __name__ == "__main__":
    sys.exit(main())
