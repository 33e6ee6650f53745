"""The work: a task that does numbered steps and tells each, as a probe needs it.

A team adds such a task to its own API for queueproof's sake; everything it uses (the events, the
cancel mark, the end) is what the other tasks use too.
"""

from __future__ import annotations

import time
import urllib.request

from examples.rq_jobs.store import JobStore, connect

_LOOK_EVERY_S = 0.05


class Cancelled(Exception):
    """Somebody wants the job to stop."""


def probe(
    job_id: str,
    *,
    steps: int,
    pause_s: float,
    padding: int = 0,
    slow_start_s: float = 0.0,
    quiet_after: int | None = None,
    quiet_s: float = 0.0,
    fail_at: int | None = None,
    report_to: str | None = None,
) -> None:
    """Do `steps` steps with a pause after each; report each to an address, if one is given."""
    store = JobStore(connect())
    work = Work(store, job_id)
    if not store.begin(job_id):
        return
    try:
        work.rest(slow_start_s)
        for step in range(steps):
            if step == fail_at:
                raise RuntimeError(f"step {step} failed, as it was asked to")
            work.look()
            if report_to:
                with urllib.request.urlopen(f"{report_to}/{step}", timeout=5):
                    pass
            store.tell(job_id, {"type": "step", "step": step, "padding": "x" * padding})
            work.rest(pause_s + (quiet_s if step == quiet_after else 0.0))
        store.end(job_id, "finished")
    except Cancelled:
        store.end(job_id, "cancelled")
    except Exception as error:
        store.end(job_id, "failed", reason=str(error))
        raise


class Work:
    """One job under way, which looks now and then whether it was cancelled."""

    def __init__(self, store: JobStore, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._looked_s = 0.0

    def look(self) -> None:
        """Raise Cancelled if the job was; asks at most every twentieth of a second."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s = now_s
            if self._store.is_cancelled(self._job_id):
                raise Cancelled

    def rest(self, for_s: float) -> None:
        """Pause, looking all the while."""
        until_s = time.monotonic() + for_s
        while (left_s := until_s - time.monotonic()) > 0:
            time.sleep(min(left_s, _LOOK_EVERY_S))
            self.look()
