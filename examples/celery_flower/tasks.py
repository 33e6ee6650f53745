"""A Celery application whose one task is the probe: numbered steps, each told to the witness.

What differs from Celery's defaults is said at each setting, with the heading of its documentation.
"""

from __future__ import annotations

import os
import time
import urllib.request

from celery import Celery

_URL = os.environ.get("CELERY_URL", "redis://127.0.0.1:6379/0")

app = Celery("examples.celery_flower.tasks", broker=_URL, backend=_URL)
app.conf.update(
    # "Configuration and defaults > task_track_started": else a task that runs is told to be
    # PENDING.
    task_track_started=True,
    # "Configuration and defaults > worker_disable_prefetch": what waits, waits in Redis and
    # outlives a worker.
    worker_disable_prefetch=True,
    broker_connection_retry_on_startup=True,
)


@app.task(name="probe")
def probe(
    steps: int,
    pause_s: float,
    fail_at: int | None = None,
    witness: str | None = None,
    answer: str | None = None,
) -> str | None:
    """Do the steps with a pause after each, and compute the answer."""
    for step in range(steps):
        if step == fail_at:
            raise RuntimeError(f"step {step} failed, as it was asked to")
        if witness:
            urllib.request.urlopen(f"{witness}/{step}", timeout=5).close()
        time.sleep(pause_s)
    return answer
