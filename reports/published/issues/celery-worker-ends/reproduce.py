"""A worker that holds delayed tasks ends when Redis is restarted, though it retries to connect.

    pip install 'celery[redis]==5.7.0'
    python reproduce.py            # needs redis-server on the path; uses port 7398

Restarts Redis, with its data, up to ten times, since not every restart does it. Prints REPRODUCED,
and exits with 1, when the worker has ended; else 0.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from celery import Celery

PORT = 7398
RESTARTS, TASKS, AWAY_S, WATCHED_S = 10, 9, 3.0, 8.0

app = Celery("reproduce", broker=f"redis://127.0.0.1:{PORT}/0")


@app.task
def work() -> None:
    """Nothing: that it waits for its time is all that matters."""


def start_redis(folder: str) -> subprocess.Popen[bytes]:
    """A Redis that keeps its data over a restart."""
    words = ("--port", str(PORT), "--bind", "127.0.0.1", "--appendonly", "yes", "--dir", folder)
    server = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
    time.sleep(1.0)
    return server


def main() -> int:
    """Restart Redis under a worker that holds tasks whose time has not come."""
    with tempfile.TemporaryDirectory() as folder:
        server = start_redis(folder)
        log = Path(folder, "worker.log")
        celery = Path(sys.executable).with_name("celery")
        with log.open("wb") as sink:
            worker = subprocess.Popen(
                [celery, "-A", "reproduce", "worker", "--concurrency", "2", "--loglevel", "INFO"],
                cwd=Path(__file__).parent,
                stdout=sink,
                stderr=sink,
            )
        try:
            time.sleep(6.0)
            for number in range(1, RESTARTS + 1):
                for n in range(TASKS):
                    work.apply_async(countdown=6 + n)
                time.sleep(3.0)
                server.terminate()
                server.wait()
                time.sleep(AWAY_S)
                server = start_redis(folder)
                if ended(worker):
                    lines = log.read_text("utf-8").splitlines()
                    print(*(line for line in lines if "Unrecoverable" in line), sep="\n")
                    print(f"REPRODUCED: the worker has ended, in restart {number}")
                    return 1
            print(f"not reproduced: it lives after {RESTARTS} restarts")
            return 0
        finally:
            worker.kill()
            server.kill()


def ended(worker: subprocess.Popen[bytes]) -> bool:
    """Whether it ends within the time that is watched."""
    try:
        worker.wait(timeout=WATCHED_S)
    except subprocess.TimeoutExpired:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
