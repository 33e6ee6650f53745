"""Jobs beside one another: very many on one worker, two of one user, and the document's own
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction and Verify cross-worker
cancellation).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import NamedTuple

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Timings,
    Worker,
    expect,
    expect_that,
    poll_until_terminal,
    read_stream,
    requirement,
)
from queueproof.case_helpers.at_work import expect_as_before, what_it_lacks
from queueproof.case_helpers.moments import all_under_way, require_kept
from queueproof.targets.langflow.any_request import adapter_of, ask
from queueproof.targets.langflow.wire import submit_path

_MANY = 110
_AT_ONCE = 8
_LONG_S, _LONGEST_S = 10.0, 30.0
_WITHIN_S = 60.0
_PAIR = Probe(ticks=20)
#: From tick to tick: so slow a target may be, or so busy a machine.
_SLOWER_AND_SLOWER = (0.05, 0.2, 0.8)
_DOCUMENTED = {"inputs": {"input_value": "hello"}, "stream": False}


@requirement("SUBM-005", alone=True, wait=lambda t: _long(t, _LONGEST_S).duration_s)
async def test_more_than_a_hundred_jobs_at_once_on_one_worker_are_all_delivered(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A hundred and ten jobs run at the same time; each is delivered whole afterwards.

    Where the submits take longer than the jobs, once more with longer ones. A job that comes then
    can be read and cancelled at another worker, as if it were the first.
    """
    lacked = await what_it_lacks(target, workers[0])
    seen = await _at_once(target, workers[0], _long(target.timings, _LONG_S))
    longer = _long(target.timings, _LONGEST_S)
    if not seen.bad and seen.too_slow and seen.together_s < longer.duration_s:
        seen = await _at_once(target, workers[0], longer)

    lacking, unread_s = seen.lacking, seen.unread_s
    if seen.too_slow:
        raise Inconclusive(
            f"the submits took {seen.together_s:.1f} s: the jobs did not all run at once"
        )
    if lacking and 0 < target.timings.stale_threshold_s < unread_s + 1.0:
        raise Inconclusive(f"a job was unread for {unread_s:.1f} s: the watchdog may step in")
    if lacking and target.timings.stream_ttl_s < unread_s:
        raise Inconclusive(f"a job was read {unread_s:.1f} s after its submit: it may be gone")
    expect_that(
        not seen.bad,
        expected=f"{_MANY} jobs accepted, each delivered whole",
        actual=f"{len(seen.refusals)} refused {seen.refusals[:1]}; {len(lacking)} not delivered "
        f"whole {[f'{d.ending.value} after {d.ticks}' for d in lacking[:2]]}",
        jobs=tuple(d.job for d in lacking[:2]),
    )
    await expect_as_before(target, workers[0], lacked=lacked, when="after a hundred others")


class _Seen(NamedTuple):
    """Many jobs: how long the submits took together, who was refused, which were not whole."""

    probe: Probe
    together_s: float
    unread_s: float
    refusals: list[str]
    lacking: list[Delivery]

    @property
    def too_slow(self) -> bool:
        return self.together_s > self.probe.duration_s

    @property
    def bad(self) -> bool:
        return bool(self.refusals or self.lacking)


async def _at_once(target: System, via: Worker, probe: Probe) -> _Seen:
    turn, unread_s = asyncio.Semaphore(_AT_ONCE), [0.0]

    async def begun() -> Job | str:
        async with turn:
            job, reply = await target.try_submit(probe, via=via, within_s=_WITHIN_S)
        return reply.words if job is None else job

    async def polled(job: Job) -> Delivery:
        async with turn:
            unread_s.append(target.history.now_s() - job.submitted_s)
            return await poll_until_terminal(job, via=via, within_s=_WITHIN_S)

    answers = await asyncio.gather(*(begun() for _ in range(_MANY)))
    jobs = [answer for answer in answers if isinstance(answer, Job)]
    together_s = target.history.now_s() - min((job.submitted_s for job in jobs), default=0.0)
    delivered = await asyncio.gather(*(polled(job) for job in jobs))
    return _Seen(
        probe,
        together_s,
        max(unread_s),
        [answer for answer in answers if isinstance(answer, str)],
        [
            d
            for d in delivered
            if d.ending is not Ending.COMPLETED or set(d.ticks) != set(probe.expected_ticks)
        ],
    )


@requirement("SUBM-004", contracts=("langflow",))
async def test_two_jobs_polled_side_by_side_do_not_mix_what_they_say(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Two builds of one flow and user, on one worker, polled through another at the same time."""

    async def polled(job: Job) -> Delivery:
        return await poll_until_terminal(job, via=workers[-1])

    delivered = await asyncio.gather(*(polled(job) for job in await _pair(target, workers[0])))

    for delivery in delivered:
        expect(delivery).to_be_unchanged()


@requirement("SUBM-004", contracts=("langflow",))
async def test_two_jobs_streamed_side_by_side_do_not_mix_what_they_say(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Two builds of one flow and user, on one worker, streamed through another at the same time."""
    jobs = await _pair(target, workers[0])

    delivered = await asyncio.gather(*(read_stream(job, via=workers[-1]) for job in jobs))

    for delivery in delivered:
        expect(delivery).to_be_unchanged()


@requirement("SUBM-006")
async def test_the_documented_submit_is_accepted_and_runs_the_stored_flow(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The body of the document's example starts a build, which can be read to its end."""
    await _expect_documented_submit(target, workers)


@requirement("SUBM-006")
async def test_the_stored_flow_is_built_as_often_as_it_is_submitted(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The second build of a worker is as whole as its first, and so is one beside another."""
    for _ in range(2):
        await _expect_documented_submit(target, workers)
    await asyncio.gather(*(_expect_documented_submit(target, workers) for _ in range(2)))


async def _expect_documented_submit(target: System, workers: tuple[Worker, ...]) -> None:
    flow_id = adapter_of(target).flow_id

    reply = await ask(
        target, "POST", submit_path(flow_id), via=workers[0], sending={"json": _DOCUMENTED}
    )

    job_id = reply.json.get("job_id")
    expect_that(
        200 <= (reply.status or 0) < 300 and isinstance(job_id, str) and bool(job_id),
        expected="a success (2xx) with a job_id",
        actual=f"{reply.words} {reply.body[:200]}".strip(),
    )
    job = replace(target.unknown_job(), id=str(job_id), owner=workers[0])
    delivered = await poll_until_terminal(job, via=workers[-1])
    require_kept(delivered)
    expect(delivered).to_be_complete_and_in_order()


def _long(t: Timings, most_s: float) -> Probe:
    """A job that lasts while all are submitted, and not until its client counts as gone."""
    threshold_s = t.stale_threshold_s or most_s / 2
    return Probe(ticks=2, interval_s=0.35 * min(threshold_s, most_s))


async def _pair(target: System, owner: Worker) -> list[Job]:
    """Two jobs that say different things, the second accepted while the first is under way."""
    for interval_s in _SLOWER_AND_SLOWER:
        pair = (replace(_PAIR, interval_s=interval_s, words=(said,)) for said in ("one", "other"))
        jobs = [await target.submit(probe, via=owner) for probe in pair]
        if all_under_way(jobs, target.history.now_s()):
            return jobs
    raise Inconclusive("the first job may have been over when the second was accepted")
