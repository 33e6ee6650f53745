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
from queueproof.targets.attending import attended, bystander
from queueproof.targets.counting import Tally, in_words, matches, read_counters
from queueproof.targets.early import slow_job
from queueproof.targets.fleet import Worker
from queueproof.targets.job import Delivery, Ending, Job, is_over
from queueproof.targets.protocol import Role
from queueproof.targets.reading import (
    alternate,
    poll_until_terminal,
    poll_until_tick,
    read_stream,
    read_to_end,
    read_until_tick,
)
from queueproof.targets.system import OpenStream, StreamUnanswered, System
from queueproof.targets.work import work_begun, work_goes_on, work_stopped
from queueproof.waiting import eventually, throughout

__all__ = [
    "Access",
    "Delivery",
    "Ending",
    "EventKind",
    "Inconclusive",
    "Job",
    "NotAssessed",
    "OpenStream",
    "Probe",
    "Role",
    "StreamUnanswered",
    "System",
    "Tally",
    "Timings",
    "Violation",
    "Worker",
    "alternate",
    "attended",
    "bystander",
    "eventually",
    "expect",
    "expect_that",
    "in_words",
    "is_over",
    "matches",
    "poll_until_terminal",
    "poll_until_tick",
    "read_counters",
    "read_stream",
    "read_to_end",
    "read_until_tick",
    "requirement",
    "slow_job",
    "throughout",
    "work_begun",
    "work_goes_on",
    "work_stopped",
]
