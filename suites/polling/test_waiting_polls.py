"""A poll may wait for news, but not for ever, and its client may give it up
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    UNHEARD,
    Delivery,
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    Worker,
    expect,
    expect_answer,
    is_over,
    kept_alive,
    poll_until_terminal,
    poll_until_tick,
    require_answer,
    requirement,
    uninvolved_worker,
)
from queueproof.case_helpers.moments import most_under_way, require_crowd, wait_until
from queueproof.history import Event
from queueproof.targets.protocol import PollReply

_QUIET_S = 5.0
_MARGIN_S = 0.15
_BEHIND_S = 0.6
_PATIENCE_S = 0.4
_ROUNDS = 3
_DOZENS, _A_CROWD = 36, 24


@requirement("POLL-004", wait=lambda _: _QUIET_S)
async def test_polls_that_were_given_up_swallow_nothing(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On each worker: what a poll would have carried is delivered to the next one.

    The last poll is given up so shortly before the news that a server which does not notice
    still holds it then.
    """
    delivered = await asyncio.gather(
        *(_a_client_that_gives_up(target, workers[0], via) for via in workers)
    )

    for delivery in delivered:
        expect(delivery).to_have_lost_nothing(or_else=UNHEARD)


@requirement("POLL-006", wait=lambda timings: timings.poll_hold_s)
async def test_a_poll_with_nothing_to_report_is_answered_within_the_hold(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A poll of a job that is quiet for long comes back without events."""
    hold_s, answer_s = target.timings.poll_hold_s, target.timings.answer_s
    probe = Probe(ticks=2, quiet_after=0, quiet_s=hold_s + answer_s + 2.0)
    job, reader = await target.submit(probe, via=workers[0]), workers[-1]
    await poll_until_tick(job, 0, via=reader)

    async with kept_alive(job, via=uninvolved_worker(job, reader)):
        reply = await _poll_with_nothing_to_report(job, reader, within_s=hold_s + answer_s)

    expect_answer(
        reply, Kind.SUCCESS, to=f"a poll of a quiet job, within {hold_s:.1f} s,", jobs=job
    )


@requirement("POLL-006", contracts=("langflow",), alone=True, wait=lambda t: 2 * t.poll_hold_s)
async def test_three_dozen_polls_at_once_with_nothing_to_report_are_all_answered(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Clients of one quiet job, all at one worker: who waits keeps nobody else from waiting."""
    hold_s, answer_s = target.timings.poll_hold_s, target.timings.answer_s
    probe = Probe(ticks=2, quiet_after=0, quiet_s=2 * (hold_s + answer_s + 1.0))
    job, reader = await target.submit(probe, via=workers[0]), workers[-1]
    await poll_until_tick(job, 0, via=reader)
    # Three dozen that are never answered could take a worker away from all its clients.
    if not (await target.poll(job, via=reader, within_s=hold_s + answer_s)).answered:
        raise Inconclusive("not even a single poll of a quiet job was answered")

    # Where requests are paced, or a machine is busy, so many come one after another.
    within_s = 2 * (hold_s + answer_s)
    replies = await asyncio.gather(
        *(target.poll(job, via=reader, within_s=within_s) for _ in range(_DOZENS))
    )

    for reply in replies:
        expect_answer(reply, Kind.SUCCESS, to="each of three dozen polls at once", jobs=job)
    most = most_under_way(target, job, kind="poll")
    require_crowd(target, most, _A_CROWD, what=f"of {_DOZENS} polls were held")


async def _a_client_that_gives_up(target: System, owner: Worker, via: Worker) -> Delivery:
    """What it is delivered; a round in which it gave up too late tells nothing, and is void."""
    for _ in range(_ROUNDS):
        delivery = await _round(target, owner, via)
        if delivery is not None:
            return delivery
    raise Inconclusive("the polls were given up so late that the job may have had news")


async def _round(target: System, owner: Worker, via: Worker) -> Delivery | None:
    probe = Probe(ticks=6, interval_s=0.05, quiet_after=2, quiet_s=_QUIET_S)
    job = await target.submit(probe, via=owner)
    before = await poll_until_tick(job, 2, via=via)
    news_s = job.submitted_s + 2 * probe.interval_s + _QUIET_S  # the job is quiet until then
    last_s = news_s - _MARGIN_S - _PATIENCE_S
    while target.history.now_s() < last_s - _PATIENCE_S:
        before = (*before, *await _given_up(job, via))
    await wait_until(target, last_s)
    before = (*before, *await _given_up(job, via))
    if target.history.now_s() > news_s:
        return None
    # The next poll comes behind the news: beside one that was given up it could be told them, too.
    await wait_until(target, news_s + _BEHIND_S)
    return (await poll_until_terminal(job, via=via)).preceded_by(before)


async def _given_up(job: Job, via: Worker) -> tuple[Event, ...]:
    """What a poll brought whose client leaves after a moment; nothing, in a quiet spell."""
    reply = await job.system.poll(job, via=via, within_s=_PATIENCE_S)
    if reply.answered:
        require_answer(reply, Kind.SUCCESS, to="a poll")
    return reply.events


async def _poll_with_nothing_to_report(job: Job, via: Worker, *, within_s: float) -> PollReply:
    while True:
        reply = await job.system.poll(job, via=via, within_s=within_s)
        if is_over(reply.events):
            raise Inconclusive("the job was over when it should have been quiet")
        if not reply.events:
            return reply
