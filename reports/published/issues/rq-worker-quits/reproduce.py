"""A worker whose job ends while Redis is away quits, though it retries while it waits for jobs.

    pip install rq==3.0.0
    python reproduce.py            # needs redis-server on the path; uses port 7399

Prints REPRODUCED, and exits with 1, when the worker has quit; else 0.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from redis import Redis, RedisError
from rq import Queue

PORT = 7399
JOB_S, AWAY_FROM_S, AWAY_S, WATCHED_S = 3.0, 2.0, 3.0, 20.0


def start_redis(folder: str) -> subprocess.Popen[bytes]:
    """A Redis that keeps its data over a restart."""
    words = ("--port", str(PORT), "--bind", "127.0.0.1", "--appendonly", "yes", "--dir", folder)
    server = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
    with Redis(port=PORT) as client:
        for _ in range(100):
            try:
                client.ping()
            except RedisError:
                time.sleep(0.05)
            else:
                return server
    raise SystemExit("redis-server does not serve")


def main() -> int:
    """Have one worker do one job that ends while Redis is away."""
    with tempfile.TemporaryDirectory() as folder:
        server = start_redis(folder)
        log = Path(folder, "worker.log")
        rq = Path(sys.executable).with_name("rq")
        with log.open("wb") as sink:
            worker = subprocess.Popen(
                [rq, "worker", "--url", f"redis://127.0.0.1:{PORT}"], stdout=sink, stderr=sink
            )
        try:
            time.sleep(3)
            Queue(connection=Redis(port=PORT)).enqueue("time.sleep", JOB_S)
            time.sleep(AWAY_FROM_S)
            server.terminate()
            server.wait()
            time.sleep(AWAY_S)
            server = start_redis(folder)
            ended = wait(worker)
            print(log.read_text("utf-8")[-600:])
            print("REPRODUCED: the worker has quit" if ended else "not reproduced: it lives")
            return int(ended)
        finally:
            worker.kill()
            server.kill()


def wait(worker: subprocess.Popen[bytes]) -> bool:
    """Whether it ends within the time that is watched."""
    try:
        worker.wait(timeout=WATCHED_S)
    except subprocess.TimeoutExpired:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
