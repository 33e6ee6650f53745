"""What strangers may not do on a worker that has just let the job's own user do it
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker
cancellation).

Whoever remembers that a job may be read must remember by whom.
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Job,
    Kind,
    Probe,
    Role,
    System,
    Worker,
    expect_that,
    read_until_tick,
    require_answer,
    requirement,
)
from queueproof.case_helpers.refusals import NOT_FOR_YOU
from queueproof.targets.langflow.any_request import ask
from queueproof.targets.protocol import Reply

_UNKNOWN = (400, 422)
_RUNNING = Probe(ticks=60, interval_s=0.1)


@requirement("ACCS-008", contracts=("langflow",))
async def test_another_user_cannot_poll_a_job_where_its_user_has_just_polled_it(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker, one after the other."""
    job = await target.submit(_RUNNING, via=workers[0])

    for worker in workers:
        own = await target.poll(job, via=worker)
        require_answer(own, Kind.SUCCESS, to=f"the user's own poll on worker {worker}")
        reply = await target.poll(job, via=worker, role=Role.OTHER, within_s=target.patience_s)
        _expect_refused(reply, f"another user's poll on worker {worker}", job)
        if own.position is not None:
            reply = await target.poll(
                job, via=worker, role=Role.OTHER, within_s=target.patience_s, after=own.position
            )
            what = f"another user's poll from the position {own.position} on worker {worker}"
            _expect_refused(reply, what, job)


@requirement("ACCS-009", contracts=("langflow",))
async def test_another_user_cannot_stream_a_job_while_its_user_streams_it_there(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker, a job each: a stream that is dropped ends its job."""
    for worker in workers:
        job = await target.submit(_RUNNING, via=workers[0])
        async with target.stream(job, via=worker) as own:
            await read_until_tick(own, 0)
            async with target.stream(job, via=worker, role=Role.OTHER) as stream:
                _expect_refused(stream.reply, f"another user's stream on worker {worker}", job)
            direct = await ask(target, "GET", _direct(job), via=worker, role=Role.OTHER)
            what = f"another user's request for direct delivery on worker {worker}"
            _expect_refused(direct, what, job, *_UNKNOWN)


def _direct(job: Job) -> str:
    """The third way to be told events, that the web client has; who does not know it refuses it."""
    return f"/api/v1/build/{job.id}/events?event_delivery=direct"


def _expect_refused(reply: Reply, what: str, job: Job, *besides: int) -> None:
    if not reply.answered:
        raise Inconclusive(f"{what} was not answered: {reply.detail}")
    expect_that(
        reply.status in (*NOT_FOR_YOU, *besides),
        expected=f"{what} to be refused ({', '.join(map(str, NOT_FOR_YOU))})",
        actual=f"it was answered {reply.words}, as its own user was a moment before",
        jobs=job,
    )
