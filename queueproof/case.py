"""What a case needs, in one import.

A case is arrange in fixtures, act, one verdict::

    @requirement("POLL-003")
    async def test_a_poll_on_another_worker_continues_where_the_last_one_ended(target, workers):
        job = await target.submit(Probe(ticks=12), via=workers[0])

        delivered = await poll_until_terminal(job, via=alternate(workers))

        expect(delivered).to_be_complete_and_in_order()
"""

from __future__ import annotations

from queueproof.case_helpers.counter_delta import (
    CounterDelta,
    expect_counted,
    in_words,
    matches,
    read_counters,
)
from queueproof.case_helpers.keepalive import Presence, beside, kept_alive, uninvolved_worker
from queueproof.case_helpers.plain_job import PlainStart, StartOutcome, start_plain_jobs
from queueproof.case_helpers.slow_start import slow_job
from queueproof.case_helpers.stopping_work import still_working, stops, stops_while_read
from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, NotAssessed, Violation
from queueproof.expectations import (
    expect,
    expect_answer,
    expect_refusal,
    expect_that,
    require_answer,
)
from queueproof.history import EventKind
from queueproof.probe import Probe
from queueproof.requirements import Access
from queueproof.running.marks import requirement
from queueproof.running.standstill import Standstill
from queueproof.targets.answers import Kind
from queueproof.targets.attendance import require_attended, require_running
from queueproof.targets.cancelling import cancel_running
from queueproof.targets.in_front import IN_ONE_PIECE, UNHEARD
from queueproof.targets.job import Delivery, Ending, Job, is_over
from queueproof.targets.open_stream import OpenStream, StreamUnanswered
from queueproof.targets.predictions import (
    PredictReply,
    dashboard,
    dashboard_page,
    flows,
    messages,
    new_job,
    predict,
    require_service,
    server_health,
    stream_unknown_flow,
    worker_health,
)
from queueproof.targets.protocol import Role
from queueproof.targets.reading import (
    alternate,
    poll_until_terminal,
    poll_until_tick,
    read_job,
    read_stream,
    read_to_end,
    read_until_tick,
)
from queueproof.targets.statuses import result, status
from queueproof.targets.system import System
from queueproof.targets.work import (
    leave_alone,
    require_over,
    work_begun,
    work_goes_on,
    work_stopped,
)
from queueproof.targets.worker import Worker
from queueproof.waiting import eventually, throughout

__all__ = [
    "IN_ONE_PIECE",
    "UNHEARD",
    "Access",
    "CounterDelta",
    "Delivery",
    "Ending",
    "EventKind",
    "Inconclusive",
    "Job",
    "Kind",
    "NotAssessed",
    "OpenStream",
    "PlainStart",
    "PredictReply",
    "Presence",
    "Probe",
    "Role",
    "Standstill",
    "StartOutcome",
    "StreamUnanswered",
    "System",
    "Timings",
    "Violation",
    "Worker",
    "alternate",
    "beside",
    "cancel_running",
    "dashboard",
    "dashboard_page",
    "eventually",
    "expect",
    "expect_answer",
    "expect_counted",
    "expect_refusal",
    "expect_that",
    "flows",
    "in_words",
    "is_over",
    "kept_alive",
    "leave_alone",
    "matches",
    "messages",
    "new_job",
    "poll_until_terminal",
    "poll_until_tick",
    "predict",
    "read_counters",
    "read_job",
    "read_stream",
    "read_to_end",
    "read_until_tick",
    "require_answer",
    "require_attended",
    "require_over",
    "require_running",
    "require_service",
    "requirement",
    "result",
    "server_health",
    "slow_job",
    "start_plain_jobs",
    "status",
    "still_working",
    "stops",
    "stops_while_read",
    "stream_unknown_flow",
    "throughout",
    "uninvolved_worker",
    "work_begun",
    "work_goes_on",
    "work_stopped",
    "worker_health",
]
