"""Outcomes of jobs in an outage: none lost, none run twice, none at work after its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import (
    JobHistory,
    OutageHistory,
    ReaderHistory,
    claims_success,
)
from queueproof.checkers.struck_jobs import second_run_s
from queueproof.checkers.terminal_events import outlasted, unheard
from queueproof.history import EventKind

#: A bound on a whole job is a bound on many answers; a busy machine stretches all of them.
_STRETCH = 1.5


def check_ended(outage: OutageHistory) -> list[Finding]:
    """Every accepted job that somebody waits for ends, and he is told within the bound."""
    return [_ended(outage, life) for life in outage.accepted if life.first_readings]


def check_spared(outage: OutageHistory) -> list[Finding]:
    """A disturbance that costs nothing, or that meets others, costs a job nothing.

    Judged are jobs that nobody cancelled, and that were not streamed through a worker in trouble:
    what befalls such a stream may count as its client's leaving.
    """
    return [_spared(outage, life) for life in outage.accepted if _is_to_be_spared(outage, life)]


def check_runs(outage: OutageHistory) -> list[Finding]:
    """No job's work is done twice."""
    return [_run_once(life) for life in outage.jobs if life.work and not life.fails]


def check_stillness(outage: OutageHistory) -> list[Finding]:
    """A job of which readers were told that it is over does no more work.

    What a worker does while nobody can reach it is nobody's to judge: time counts from the heal.
    Nor can be told whose end it was where two jobs have one id.
    """
    ids = Counter(life.job for life in outage.accepted)
    return [
        finding
        for life in outage.accepted
        if ids[life.job] == 1
        for finding in _still(outage, life)
        if finding is not None
    ]


def check_refused(outage: OutageHistory) -> list[Finding]:
    """A submit that was answered with a refusal has no side effects.

    That nothing was seen of it proves something only where the witness saw anything at all.
    """
    refused = [life for life in outage.jobs if (life.submit.status or 0) >= 400]
    return [
        broken(
            life.work[0].at_s,
            expected=f"the submit refused with {life.submit.status} runs nothing",
            actual=f"its component did {len(life.work)} ticks, the first "
            f"{life.work[0].at_s - life.accepted_s:+.2f} s from the refusal",
            errand=life.errand,
        )
        if life.work
        else held(life.accepted_s)
        if outage.witness_hears
        else doubtful(life.accepted_s, actual="the witness heard of no job at all")
        for life in refused
    ]


def _ended(outage: OutageHistory, life: JobHistory) -> Finding:
    readings = life.first_readings
    told = [reading.told_s for reading in readings if reading.told]
    gone = any(reading.gone for reading in readings)
    bound_s = _bound_s(outage, life)
    if told:
        if min(told) <= bound_s:
            return held(min(told), job=life.job or "")
        actual = f"told {min(told) - life.due_s:.1f} s after it was due"
    elif (
        (gone and outage.costs == "data")
        or _cancelled_and_gone(life)
        or _lost_with_its_server(outage, life)
    ):
        return held(life.due_s, job=life.job or "")
    elif gone:
        actual = "the target says it knows no such job, though no data was lost"
    else:
        actual = f"told nothing until {outage.ended_s - life.due_s:.1f} s after it was due"
    return broken(
        life.due_s,
        expected=f"the end of an accepted job is told within {bound_s - life.due_s:.1f} s",
        actual=f"{actual} ({_work_in_words(life)})",
        job=life.job,
        errand=life.errand,
    )


def _cancelled_and_gone(life: JobHistory) -> bool:
    """Whether its client cancelled it with success, and its readers were let go.

    That the end should have said so is another matter, and judged as such.
    """
    let_go = any(
        reading.gone or (reading.kind == "stream" and reading.ended == "clean")
        for reading in life.first_readings
    )
    return let_go and any(claims_success(cancel) for cancel in life.cancels)


def _lost_with_its_server(outage: OutageHistory, life: JobHistory) -> bool:
    """Whether the only way to the job's events broke with the process behind it.

    Where it cannot be asked for again, the client knows by that; what became of the job, the
    database tells.
    """
    streams = [reading for reading in life.first_readings if reading.kind == "stream"]
    return (
        not outage.rereads
        and bool(streams)
        and all(reading.ended == "broken" and reading.via in outage.silenced for reading in streams)
    )


def _bound_s(outage: OutageHistory, life: JobHistory) -> float:
    """When the end of a job must have been told at the latest."""
    timings = outage.timings
    natural_s = life.accepted_s + _STRETCH * life.lasts_s
    if outage.met(life.accepted_s, natural_s):
        natural_s = max(natural_s, outage.healed_s + life.lasts_s) + timings["recovery_s"]
    return natural_s + timings["owner_death_s"] + timings["answer_s"]


def _is_to_be_spared(outage: OutageHistory, life: JobHistory) -> bool:
    if life.cancels or life.dropped_s is not None or not life.first_readings:
        return False
    if unheard(outage, life):
        return False
    met = outage.met(life.submit.invoked_s, max(r.ended_s for r in life.first_readings))
    streamed = {reading.via for reading in life.first_readings if reading.kind == "stream"}
    elsewhere = not (life.hosts | streamed) & outage.struck
    return outage.costs == "nothing" or not met or elsewhere


def _spared(outage: OutageHistory, life: JobHistory) -> Finding:
    told = [r for r in life.readings if r.told and (not r.again or r.kind == "lookup")]
    if any(reading.told is EventKind.END for reading in told):
        return held(life.due_s, job=life.job or "")
    if not told and _nobody_could_say(outage, life):
        actual = "the database was asked in vain, or too early"
        return doubtful(life.due_s, actual=actual, job=life.job)
    how = told[0].told.value if told and told[0].told else "no end at all"
    return broken(
        told[0].told_s if told else life.due_s,
        expected="the job runs to its own end: nothing it needs was lost",
        actual=f"its reader was told: {how} ({_work_in_words(life)})",
        job=life.job,
        errand=life.errand,
    )


def _nobody_could_say(outage: OutageHistory, life: JobHistory) -> bool:
    """Whether the job's stream broke, and no look at what became of it can have told.

    Each was refused, or was made before the job had done its last tick and could be written down.
    """
    looked = [reading for reading in life.readings if reading.kind == "lookup"]
    others = [reading for reading in life.first_readings if reading.kind != "lookup"]
    if not looked or any(reading.ended != "broken" for reading in others):
        return False
    last_work_s = life.work[-1].at_s if life.work else 0.0
    too_early = max(r.ended_s for r in looked) < last_work_s + outage.timings["answer_s"]
    return too_early or all(reading.gaps_possible for reading in looked)


def _run_once(life: JobHistory) -> Finding:
    times = Counter(event.tick for event in life.work)
    twice = sorted(tick for tick, number in times.items() if number > 1 and tick is not None)
    if not twice:
        return held(life.work[0].at_s, job=life.job or "")
    second_s = max(event.at_s for event in life.work if event.tick in twice)
    return broken(
        second_s,
        expected="each tick of the job is done once",
        actual=f"{len(twice)} of {len(times)} ticks were done more than once, "
        f"tick {twice[0]} {times[twice[0]]} times",
        job=life.job,
        errand=life.errand,
    )


def _still(outage: OutageHistory, life: JobHistory) -> Iterable[Finding | None]:
    told = [r for r in life.readings if r.told and not outlasted(outage, r)]
    if not told or not life.work:
        return
    over_s = min(reading.told_s for reading in told)
    bound_s = over_s + outage.timings["cancel_effect_s"]
    if over_s < outage.healed_s and bound_s > outage.applied_s:
        bound_s = max(bound_s, outage.healed_s + outage.timings["recovery_s"] / 2)
    last_s = life.work[-1].at_s
    if last_s <= bound_s:
        yield held(over_s, job=life.job or "")
        return
    if _of_a_second_run(outage, life, told):
        return
    yield broken(
        last_s,
        expected="no work after a job's end was told",
        actual=f"tick {life.work[-1].tick} was done {last_s - over_s:.1f} s after a reader was "
        f"told: {told[0].told.value if told[0].told else ''}",
        job=life.job,
        errand=life.errand,
    )


def _of_a_second_run(outage: OutageHistory, life: JobHistory, told: list[ReaderHistory]) -> bool:
    """Whether what works on may be another run of a job that one run has done to its end.

    Who promises to run a job at least once may have run it twice at the same time.
    """
    promised = outage.traits.get("promises", {}).get("delivery") == "at-least-once"
    done = {event.tick for event in life.work} >= set(range(life.planned))
    return (
        promised
        and done
        and second_run_s(life) is not None
        and all(reading.told is EventKind.END for reading in told)
    )


def _work_in_words(life: JobHistory) -> str:
    return f"{len({event.tick for event in life.work})} of {life.planned} ticks were done"
