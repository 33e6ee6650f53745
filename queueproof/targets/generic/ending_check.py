"""The self-check of what a mapping says of a job's end: states, results, dead letters, cancels."""

from __future__ import annotations

from contextlib import suppress

from queueproof.errors import NotAssessed
from queueproof.probe import Probe
from queueproof.targets.generic.mistakes import judge_path, judge_result, judge_state
from queueproof.targets.generic.probe_session import NO_PATH, ProbeSession
from queueproof.targets.generic.probe_values import answer_of, require_expressible
from queueproof.targets.generic.reader_check import FAILING, check_reading_of_a_failure
from queueproof.targets.http import Exchange
from queueproof.waiting import eventually

_LONG = Probe(ticks=200, interval_s=0.1)
_STEADY = Probe(ticks=30, interval_s=0.1)


async def check_completed(session: ProbeSession, job: str) -> None:
    """The state of a job that completed, and its result."""
    answer = await _state_at_the_end(session, job, when="after the job's end")
    if answer is not None and session.tells_the_end(answer):
        await _check_result(session, job, answer)


async def check_failed(session: ProbeSession) -> None:
    """A job that fails, where the mapping can express one, and the list of such jobs."""
    with suppress(NotAssessed):
        require_expressible(FAILING, session.call("submit").names)
        job = await session.submitted(FAILING)
        await check_reading_of_a_failure(session, job)
        await _state_at_the_end(session, job, when="after the job's failure")
    await _check_dead_letters(session)


async def check_cancelled(session: ProbeSession) -> None:
    """A long job that is cancelled."""
    if not session.names("cancel"):
        return
    job = await session.submitted(_LONG)
    answer = await session.ask_known("cancel", {"job": job})
    await session.judge_answer("cancel", answer)
    judge_path(session.mapping, "cancel.success", session.call("cancel"), [answer])
    if answer.ok:
        await _state_at_the_end(session, job, when="after the job's cancel")


async def _state_at_the_end(session: ProbeSession, job: str, *, when: str) -> Exchange | None:
    """Ask for the status until it is one that ends a job, or for some seconds."""
    if not session.names("status"):
        return None
    call = session.call("status")

    async def once() -> Exchange:
        return await session.ask_known("status", {"job": job})

    answer, _ = await eventually(once, session.tells_the_end, within_s=session.longest_s / 2)
    if answer.status == NO_PATH and "status" not in session.served:
        # Perhaps the job was forgotten with its end: one that runs is known if any is.
        await session.ask_known("status", {"job": await session.submitted(_STEADY)})
    await session.judge_answer("status", answer)
    judge_path(session.mapping, "status.state", call, [answer])
    judge_state(session.mapping, "status.state", call, answer, when=when)
    return answer


async def _check_result(session: ProbeSession, job: str, told: Exchange) -> None:
    """What a completed job has computed, where a mapping says that it is told."""
    if not session.mapping.tells_results:
        return
    name, entry, answer = "status", "status.result", told
    if session.names("result"):
        name, entry = "result", "result.value"
        answer = await session.ask_known("result", {"job": job})
        await session.judge_answer("result", answer)
    judge_result(session.mapping, entry, session.call(name), answer, computed=answer_of(""))


async def _check_dead_letters(session: ProbeSession) -> None:
    """The list of what failed for good is where the mapping says, whatever is in it."""
    if not session.names("dead"):
        return
    answer = await session.ask("dead", {})
    await session.judge_answer("dead", answer)
    judge_path(session.mapping, "dead.ids", session.call("dead"), [answer])
