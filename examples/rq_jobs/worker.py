"""The workers: RQ's own, one a thread, so that many jobs that mostly wait share one process.

`python -m examples.rq_jobs.worker`, with JOBS_REDIS_URL and JOBS_THREADS.
"""

from __future__ import annotations

import os
import threading

from rq import Queue, SimpleWorker
from rq.timeouts import TimerDeathPenalty

from examples.rq_jobs.store import connect


class ThreadWorker(SimpleWorker):
    """RQ's worker without the signals, which belong to the main thread."""

    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        """None: the process ends as a whole."""


def work() -> None:
    """Take jobs until the process ends."""
    redis = connect()
    ThreadWorker([Queue(connection=redis)], connection=redis).work(logging_level="WARNING")


def main() -> None:
    """Start the threads and say so."""
    number = int(os.environ.get("JOBS_THREADS", "24"))
    threads = [threading.Thread(target=work, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    print(f"{number} workers wait for jobs", flush=True)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
