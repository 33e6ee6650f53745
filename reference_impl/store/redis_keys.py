"""The names of everything kept in Redis.

A job's keys all contain its ID; the rest belongs to worker leases. Every key has a TTL.

======================== ====== ==========================================================
``lfq:job:<id>:record``   hash   user, worker, fence, state, seq, started, reason, polled
``lfq:job:<id>:stream``   stream the events; entry ``n-0`` is the n-th
``lfq:job:<id>:cursor``   hash   the polling cursor: at, prev, token, since
``lfq:job:<id>:activity`` string the client heartbeat, decimal unix seconds
``lfq:job:<id>:cancel``   string the cancel marker; its value is the reason
``lfq:leases``            zset   worker -> when its lease is over, ms
``lfq:leases:pulse``      hash   at: when any lease was last renewed; resumed: since when
``lfq:worker:<w>:jobs``   set    the jobs a worker runs
``lfq:health``            string the last worker that looked whether Redis takes writes
======================== ====== ==========================================================
"""

from __future__ import annotations

LEASES = "lfq:leases"
PULSE = "lfq:leases:pulse"
HEALTH = "lfq:health"
JOB_PREFIX = "lfq:job:"
WORKER_PREFIX = "lfq:worker:"


def record(job_id: str) -> str:
    """The key of a job's record."""
    return f"{JOB_PREFIX}{job_id}:record"


def stream(job_id: str) -> str:
    """The key of a job's events."""
    return f"{JOB_PREFIX}{job_id}:stream"


def cursor(job_id: str) -> str:
    """The key of a job's polling cursor."""
    return f"{JOB_PREFIX}{job_id}:cursor"


def activity(job_id: str) -> str:
    """The key of a job's client heartbeat."""
    return f"{JOB_PREFIX}{job_id}:activity"


def marker(job_id: str) -> str:
    """The key of a job's cancel marker."""
    return f"{JOB_PREFIX}{job_id}:cancel"


def jobs_of(worker_id: str) -> str:
    """The key of the set of jobs a worker runs."""
    return f"{WORKER_PREFIX}{worker_id}:jobs"


def cancel_channel(db: int) -> str:
    """The channel of cancel signals. Pub/Sub ignores the database index, so the name has it."""
    return f"lfq:{db}:cancel"
