"""What a case needs, in one import.

A case is arrange in fixtures, act, one verdict::

    @requirement("POLL-003")
    async def test_a_poll_on_another_worker_continues_where_the_last_one_ended(target, workers):
        job = await target.submit(Probe(ticks=12), via=workers[0])

        delivered = await poll_until_terminal(job, via=alternate(workers))

        expect(delivered).to_be_complete_and_in_order()
"""

from __future__ import annotations

from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, NotAssessed, Violation
from queueproof.expectations import expect, expect_that
from queueproof.history import EventKind
from queueproof.probe import Probe
from queueproof.requirements import Access
from queueproof.running.marks import requirement
from queueproof.targets.fleet import Worker
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.protocol import Role
from queueproof.targets.reading import alternate, poll_until_terminal, read_stream
from queueproof.targets.system import System
from queueproof.waiting import eventually, throughout

__all__ = [
    "Access",
    "Delivery",
    "Ending",
    "EventKind",
    "Inconclusive",
    "Job",
    "NotAssessed",
    "Probe",
    "Role",
    "System",
    "Timings",
    "Violation",
    "Worker",
    "alternate",
    "eventually",
    "expect",
    "expect_that",
    "poll_until_terminal",
    "read_stream",
    "requirement",
    "throughout",
]
