"""What became of each job in an outage: none lost, none run twice, none at work after its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.story import Life, Story, claims_success
from queueproof.checkers.told import outlasted, unheard
from queueproof.history import EventKind

#: A bound on a whole job is a bound on many answers; a busy machine stretches all of them.
_STRETCH = 1.5


def check_ended(story: Story) -> list[Finding]:
    """Every accepted job that somebody waits for ends, and he is told within the bound."""
    return [_ended(story, life) for life in story.accepted if life.first_readings]


def check_spared(story: Story) -> list[Finding]:
    """A disturbance that costs nothing, or that meets others, costs a job nothing.

    Judged are jobs that nobody cancelled, and that were not streamed through a worker in trouble:
    what befalls such a stream may count as its client's leaving.
    """
    return [_spared(story, life) for life in story.accepted if _is_to_be_spared(story, life)]


def check_runs(story: Story) -> list[Finding]:
    """No job's work is done twice."""
    return [_run_once(life) for life in story.lives if life.work]


def check_stillness(story: Story) -> list[Finding]:
    """A job of which readers were told that it is over does no more work.

    What a worker does while nobody can reach it is nobody's to judge: time counts from the heal.
    """
    return [
        finding for life in story.accepted for finding in _still(story, life) if finding is not None
    ]


def check_refused(story: Story) -> list[Finding]:
    """A submit that was answered with a refusal has no side effects.

    That nothing was seen of it proves something only where the witness saw anything at all.
    """
    refused = [life for life in story.lives if (life.submit.status or 0) >= 400]
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
        if story.witness_hears
        else doubtful(life.accepted_s, actual="the witness heard of no job at all")
        for life in refused
    ]


def _ended(story: Story, life: Life) -> Finding:
    readings = life.first_readings
    told = [reading.told_s for reading in readings if reading.told]
    gone = any(reading.gone for reading in readings)
    bound_s = _bound_s(story, life)
    if told:
        if min(told) <= bound_s:
            return held(min(told), job=life.job or "")
        actual = f"told {min(told) - life.due_s:.1f} s after it was due"
    elif (
        (gone and story.costs == "data")
        or _cancelled_and_gone(life)
        or _lost_with_its_server(story, life)
    ):
        return held(life.due_s, job=life.job or "")
    elif gone:
        actual = "the target says it knows no such job, though no data was lost"
    else:
        actual = f"told nothing until {story.ended_s - life.due_s:.1f} s after it was due"
    return broken(
        life.due_s,
        expected=f"the end of an accepted job is told within {bound_s - life.due_s:.1f} s",
        actual=f"{actual} ({_work_in_words(life)})",
        job=life.job,
        errand=life.errand,
    )


def _cancelled_and_gone(life: Life) -> bool:
    """Whether its client cancelled it with success, and its readers were let go.

    That the end should have said so is another matter, and judged as such.
    """
    let_go = any(
        reading.gone or (reading.kind == "stream" and reading.ended == "clean")
        for reading in life.first_readings
    )
    return let_go and any(claims_success(cancel) for cancel in life.cancels)


def _lost_with_its_server(story: Story, life: Life) -> bool:
    """Whether the only way to the job's events broke with the process behind it.

    Where it cannot be asked for again, the client knows by that; what became of the job, the
    database tells.
    """
    streams = [reading for reading in life.first_readings if reading.kind == "stream"]
    return (
        not story.rereads
        and bool(streams)
        and all(reading.ended == "broken" and reading.via in story.silenced for reading in streams)
    )


def _bound_s(story: Story, life: Life) -> float:
    """When the end of a job must have been told at the latest."""
    timings = story.timings
    natural_s = life.accepted_s + _STRETCH * life.lasts_s
    if story.met(life.accepted_s, natural_s):
        natural_s = max(natural_s, story.healed_s + life.lasts_s) + timings["recovery_s"]
    return natural_s + timings["owner_death_s"] + timings["answer_s"]


def _is_to_be_spared(story: Story, life: Life) -> bool:
    if life.cancels or life.dropped_s is not None or not life.first_readings:
        return False
    if unheard(story, life):
        return False
    met = story.met(life.submit.invoked_s, max(r.ended_s for r in life.first_readings))
    streamed = {reading.via for reading in life.first_readings if reading.kind == "stream"}
    elsewhere = not (life.hosts | streamed) & story.struck
    return story.costs == "nothing" or not met or elsewhere


def _spared(story: Story, life: Life) -> Finding:
    told = [r for r in life.readings if r.told and (not r.again or r.kind == "lookup")]
    if any(reading.told is EventKind.END for reading in told):
        return held(life.due_s, job=life.job or "")
    if not told and _nobody_could_say(story, life):
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


def _nobody_could_say(story: Story, life: Life) -> bool:
    """Whether the job's stream broke, and no look at what became of it can have told.

    Each was refused, or was made before the job had done its last tick and could be written down.
    """
    looked = [reading for reading in life.readings if reading.kind == "lookup"]
    others = [reading for reading in life.first_readings if reading.kind != "lookup"]
    if not looked or any(reading.ended != "broken" for reading in others):
        return False
    last_work_s = life.work[-1].at_s if life.work else 0.0
    too_early = max(r.ended_s for r in looked) < last_work_s + story.timings["answer_s"]
    return too_early or all(reading.gaps_possible for reading in looked)


def _run_once(life: Life) -> Finding:
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


def _still(story: Story, life: Life) -> Iterable[Finding | None]:
    told = [r for r in life.readings if r.told and not outlasted(story, r)]
    if not told or not life.work:
        return
    over_s = min(reading.told_s for reading in told)
    bound_s = over_s + story.timings["cancel_effect_s"]
    if over_s < story.healed_s and bound_s > story.applied_s:
        bound_s = max(bound_s, story.healed_s + story.timings["recovery_s"] / 2)
    last_s = life.work[-1].at_s
    if last_s <= bound_s:
        yield held(over_s, job=life.job or "")
        return
    yield broken(
        last_s,
        expected="no work after a job's end was told",
        actual=f"tick {life.work[-1].tick} was done {last_s - over_s:.1f} s after a reader was "
        f"told: {told[0].told.value if told[0].told else ''}",
        job=life.job,
        errand=life.errand,
    )


def _work_in_words(life: Life) -> str:
    return f"{len({event.tick for event in life.work})} of {life.planned} ticks were done"
