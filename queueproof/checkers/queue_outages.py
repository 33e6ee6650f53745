"""What became of a queue's jobs in an outage, held against what the queue promises.

What a struck job may suffer is promised or not; the others lose nothing by it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import JobHistory, OutageHistory
from queueproof.checkers.struck_jobs import (
    ON_ITS_WAY_S,
    again_or_told_s,
    begun_at_s,
    delay_of_s,
    end_told_s,
    lives_before,
    may_be_over,
    repeated_ticks,
    second_run_s,
    struck_lives,
    worker_lost_s,
    worker_of,
)
from queueproof.history import EventKind

#: Who counts in whole seconds begins most of one early, outage or not: PROM-004 judges it.
_EARLY_S = 1.0
#: What has begun later than that after its submit had waited for a slot; queues poll every second.
_WAITED_S = 2.0


def check_struck(outage: OutageHistory) -> list[Finding]:
    """A struck job is run again, or told to have failed, within the declared bound."""
    if outage.traits.get("stops"):
        return []
    return [_struck(outage, life) for life in struck_lives(outage)]


def check_not_begun_again(outage: OutageHistory) -> list[Finding]:
    """A struck job is not begun again."""
    return [
        _once(life, "a job that is promised to run at most once is not begun again")
        for life in struck_lives(outage)
        if not life.fails
    ]


def check_workers(outage: OutageHistory) -> list[Finding]:
    """The queue takes and runs jobs again within the bound, with every worker."""
    return [
        broken(
            outage.healed_s,
            expected=f"jobs are run by every worker within {outage.timings['recovery_s']:.0f} s",
            actual=f"{note.facts['lacking']} (watched for {note.facts.get('took_s', 0)} s)",
        )
        if note.facts.get("lacking")
        else held(outage.healed_s)
        for note in outage.of_kind("service")
    ]


def check_outlived(outage: OutageHistory) -> list[Finding]:
    """Jobs that waited, or that others ran, come to their own end where no data is destroyed.

    Those that were accepted since the fault came are begun, or told of, where lost ones are
    promised to be run again: a worker may take one and lose it.
    """
    if outage.costs == "data":
        return []
    found = [
        _outlived(outage, life) for life in lives_before(outage) if _is_to_outlive(outage, life)
    ]
    if _promised(outage, "delivery") == "at-least-once":
        found += [_begun(outage, life) for life in outage.accepted if _came_since(outage, life)]
    if _none_waits_any_more(outage):
        late = "the jobs that had waited for a slot had begun when the fault came: it came late"
        found.append(doubtful(outage.applied_s, actual=late))
    return found


def check_others_once(outage: OutageHistory) -> list[Finding]:
    """No job of a worker that was not struck is run twice."""
    if not outage.apart:
        return []
    expected = "the job of a worker that was not struck runs once"
    return [
        _once(life, expected)
        for life in lives_before(outage)
        if (worker := worker_of(outage, life)) and worker not in outage.struck and life.work
        if not life.fails
    ]


def check_healthy_once(outage: OutageHistory) -> list[Finding]:
    """Where nothing disturbs them, jobs that take longer than lost ones are waited for run once."""
    bound_s = float(_promised(outage, "redelivery_s") or 0.0)
    if not outage.undisturbed or not bound_s:
        return []
    return [
        _healthy(life, bound_s)
        for life in outage.accepted
        if life.lasts_s > bound_s and life.work and not life.cancels
    ]


def check_ids(outage: OutageHistory) -> list[Finding]:
    """No two submits were answered with one id: of clients, or of the waves before and after."""
    given: dict[str, list[tuple[float, int | None]]] = defaultdict(list)
    for life in outage.accepted:
        given[life.job or ""].append((life.accepted_s, life.errand))
    by_clients = {id(life.submit) for life in outage.jobs}
    for operation in outage.operations:
        if operation.kind == "submit" and operation.job and id(operation) not in by_clients:
            given[operation.job].append((operation.ended_s or operation.invoked_s, None))
    found = []
    for job, submits in given.items():
        submits.sort(key=lambda each: each[0])
        at_s, errand = submits[-1]
        if len(submits) == 1:
            found.append(held(at_s, job=job))
            continue
        found.append(
            broken(
                at_s,
                expected="an id that no other job has",
                actual=f"{len(submits)} jobs got the id {job}",
                job=job,
                errand=errand,
            )
        )
    return found


def check_ends_stay(outage: OutageHistory) -> list[Finding]:
    """Who asks again is told the end that was told at first.

    Nothing is said of a job whose end was told once: nobody came again, or it is not kept.
    """
    found = []
    for life in outage.accepted:
        told = [reading for reading in life.readings if reading.told]
        first = next((reading for reading in told if not reading.again), None)
        if first is None or len(told) == 1:
            continue
        other = next((reading for reading in told if reading.told is not first.told), None)
        if other is None or other.told is None or first.told is None:
            found.append(held(first.told_s, job=life.job or ""))
            continue
        found.append(
            broken(
                other.told_s,
                expected=f"told as at first: {first.told.value}",
                actual=f"{other.told_s - first.told_s:.1f} s later told: {other.told.value}",
                job=life.job,
                errand=life.errand,
            )
        )
    return found


def check_stop(outage: OutageHistory) -> list[Finding]:
    """A worker that is told to stop drains, gives back or drops its jobs, as is promised."""
    how = str(_promised(outage, "stop") or "")
    if not outage.traits.get("stops") or not how:
        return []
    return [
        _stopped(outage, life, how)
        for life in struck_lives(outage)
        if not (life.cancels or life.fails)
    ]


def check_delays(outage: OutageHistory) -> list[Finding]:
    """A delayed job begins neither before its time nor late after it, or after the outage."""
    if outage.costs == "data":
        return []
    return [_delayed(outage, life) for life in outage.accepted if delay_of_s(life)]


def _delayed(outage: OutageHistory, life: JobHistory) -> Finding:
    due_s = life.submit.invoked_s + delay_of_s(life)
    begun_s = begun_at_s(life)
    if begun_s is not None and begun_s < due_s - _EARLY_S:
        return broken(
            begun_s,
            expected=f"no tick before the {delay_of_s(life):g} s that were asked for",
            actual=f"the first came after {begun_s - life.submit.invoked_s:.2f} s",
            job=life.job,
            errand=life.errand,
        )
    late_s = float(_promised(outage, "delay_late_s") or 0.0)
    longest_s = max((one.lasts_s for one in outage.accepted), default=0.0)
    # What a lost worker held, or did for all of them, is taken up when its jobs are.
    lost_s = worker_lost_s(outage) + float(_promised(outage, "redelivery_s") or 0.0)
    from_s = max(due_s, outage.healed_s, lost_s if outage.struck else 0.0)
    # What was held up takes the slots first.
    by_s = from_s + late_s + outage.timings["recovery_s"] + 2 * longest_s
    if begun_s is not None and begun_s <= by_s:
        return held(begun_s, job=life.job or "")
    if begun_s is None and outage.ended_s < by_s:
        return doubtful(due_s, actual="not watched for long enough", job=life.job)
    after = "never" if begun_s is None else f"{begun_s - due_s:.1f} s after its time"
    return broken(
        begun_s or by_s,
        expected=f"begun within {by_s - due_s:.1f} s of its time, the outage's end included",
        actual=f"begun {after}",
        job=life.job,
        errand=life.errand,
    )


def _struck(outage: OutageHistory, life: JobHistory) -> Finding:
    found_s = again_or_told_s(outage, life)
    bound_s = worker_lost_s(outage) + float(_promised(outage, "redelivery_s") or 0.0)
    # It may have to wait for a slot, and what is told takes an answer.
    limit_s = bound_s + outage.timings["answer_s"] + life.lasts_s
    if found_s is not None and found_s <= limit_s:
        return _not_cut_short(life, found_s)
    if found_s is None and outage.ended_s < limit_s:
        return doubtful(life.due_s, actual="not watched for long enough", job=life.job)
    late = f"{found_s - outage.applied_s:.1f} s after it" if found_s is not None else ""
    never = f"neither in {outage.ended_s - outage.applied_s:.1f} s, when the watch ended"
    return broken(
        found_s or limit_s,
        expected=f"run again, or told, within {bound_s - outage.applied_s:g} s of its worker's "
        f"loss (and {limit_s - bound_s:.1f} s for a slot and an answer)",
        actual=f"{late or never}; {_work_in_words(life)} done",
        job=life.job,
        errand=life.errand,
    )


def _not_cut_short(life: JobHistory, found_s: float) -> Finding:
    """Of a struck job that is told to have completed its runs together have done every step."""
    told = next((reading.told for reading in life.readings if reading.told), None)
    if told is not EventKind.END or {event.tick for event in life.work} >= set(range(life.planned)):
        return held(found_s, job=life.job or "")
    return broken(
        end_told_s(life) or found_s,
        expected="a job that lost its worker and is told to have completed has done all its work",
        actual=f"{_work_in_words(life)} done, in all its runs",
        job=life.job,
        errand=life.errand,
    )


def _stopped(outage: OutageHistory, life: JobHistory, how: str) -> Finding:
    bound_s = outage.applied_s + float(_promised(outage, "stop_s") or 0.0)
    if how == "drain" and life.due_s > bound_s:
        return doubtful(life.due_s, actual="the job lasts longer than a stop may", job=life.job)
    told = next((reading.told for reading in life.readings if reading.told), None)
    whole = {event.tick for event in life.work} == set(range(life.planned))
    twice = repeated_ticks(life)
    wanted = {
        "drain": told is EventKind.END and whole and not twice,
        "requeue": told is EventKind.END and whole,
        "drop": told in (EventKind.ERROR, EventKind.CANCELLED),
    }
    if wanted[how]:
        return held(end_told_s(life) or life.due_s, job=life.job or "")
    words = {"drain": "run to its end, once", "requeue": "run to its end", "drop": "told as ended"}
    return broken(
        end_told_s(life) or life.due_s,
        expected=f"stop = {how}: a job of the worker that was told to stop is {words[how]}",
        actual=f"told: {told.value if told else 'nothing'}; {_work_in_words(life)} done"
        + (f", {len(twice)} of them twice" if twice else ""),
        job=life.job,
        errand=life.errand,
    )


def _outlived(outage: OutageHistory, life: JobHistory) -> Finding:
    told = next((reading.told for reading in life.readings if reading.told), None)
    done = {event.tick for event in life.work} == set(range(life.planned))
    if told is EventKind.END and done:
        return held(end_told_s(life) or life.due_s, job=life.job or "")
    gone = any(reading.gone for reading in life.first_readings)
    how = told.value if told else "unknown to the target" if gone else "nothing"
    return broken(
        end_told_s(life) or life.due_s,
        expected="an accepted job that no lost worker ran comes to its own end",
        actual=f"told: {how}, until {outage.ended_s - outage.healed_s:.1f} s after the outage; "
        f"{_work_in_words(life)} done",
        job=life.job,
        errand=life.errand,
    )


def _begun(outage: OutageHistory, life: JobHistory) -> Finding:
    told_s = end_told_s(life)
    if life.work or told_s is not None:
        return held(begun_at_s(life) or told_s or life.due_s, job=life.job or "")
    longest_s = max(one.lasts_s for one in outage.accepted)
    since_s = max(life.accepted_s, outage.healed_s)
    lost_s = float(_promised(outage, "redelivery_s") or 0.0)
    # What was held up takes the slots first.
    by_s = since_s + lost_s + outage.timings["recovery_s"] + 2 * longest_s
    by_s += outage.timings["answer_s"]
    forgotten_s = outage.healed_s + outage.timings["answer_s"]
    gone = any(reading.gone and reading.ended_s >= forgotten_s for reading in life.readings)
    if outage.ended_s < by_s and not gone:
        return doubtful(life.due_s, actual="not watched for long enough", job=life.job)
    if not outage.witness_hears:
        return doubtful(life.due_s, actual="the witness heard of no job at all", job=life.job)
    return broken(
        min(by_s, outage.ended_s),
        expected=f"a job that was accepted is begun, or told to have failed, within "
        f"{by_s - since_s:.1f} s, the outage's end included",
        actual=f"neither in {outage.ended_s - since_s:.1f} s, when the watch ended"
        + ("; the target says it knows no such job" if gone else ""),
        job=life.job,
        errand=life.errand,
    )


def _came_since(outage: OutageHistory, life: JobHistory) -> bool:
    """Whether it was accepted since the fault came, and must be begun for all that is known.

    What is delayed or fails is judged elsewhere.
    """
    return (
        life.accepted_s >= outage.one_master_from_s
        and bool(life.first_readings)
        and not (life.cancels or life.fails or delay_of_s(life))
    )


def _none_waits_any_more(outage: OutageHistory) -> bool:
    """Whether jobs waited before the fault, and none did when it was applied."""
    lives = [life for life in lives_before(outage) if not life.fails]
    waited = any(life.work and life.work[0].at_s - life.accepted_s > _WAITED_S for life in lives)
    return waited and all(_had_begun(outage, life) for life in lives)


def _had_begun(outage: OutageHistory, life: JobHistory) -> bool:
    return bool(life.work) and life.work[0].at_s < outage.applied_s + ON_ITS_WAY_S


def _is_to_outlive(outage: OutageHistory, life: JobHistory) -> bool:
    """Whether it waited, or was another worker's; one whose end had come before is no matter, nor
    one that somebody cancelled, or that was asked to fail.
    """
    if not life.first_readings or life.cancels or life.fails or may_be_over(outage, life):
        return False
    if not _had_begun(outage, life):
        return True
    worker = worker_of(outage, life)
    return bool(outage.apart) and bool(worker) and worker not in outage.struck


def _healthy(life: JobHistory, bound_s: float) -> Finding:
    twice = repeated_ticks(life)
    told = next((reading.told for reading in life.readings if reading.told), None)
    whole = {event.tick for event in life.work} == set(range(life.planned))
    if not twice and told is EventKind.END:
        return held(end_told_s(life) or life.due_s, job=life.job or "")
    if not twice and told is None and whole:
        return doubtful(life.due_s, actual="its end was not told in time", job=life.job)
    again = f", {len(twice)} of them more than once" if twice else ""
    return broken(
        second_run_s(life) or end_told_s(life) or life.due_s,
        expected=f"a healthy job of {life.lasts_s:g} s runs once and comes to its own end, though "
        f"lost ones are run again, or told, within {bound_s:g} s",
        actual=f"told: {told.value if told else 'nothing'}; {_work_in_words(life)} done{again}",
        job=life.job,
        errand=life.errand,
    )


def _once(life: JobHistory, expected: str) -> Finding:
    twice = repeated_ticks(life)
    if not twice:
        return held(life.work[0].at_s, job=life.job or "")
    return broken(
        max(event.at_s for event in life.work),
        expected=expected,
        actual=f"{len(twice)} of {life.planned} ticks were done more than once",
        job=life.job,
        errand=life.errand,
    )


def _promised(outage: OutageHistory, name: str) -> Any:
    return outage.traits.get("promises", {}).get(name)


def _work_in_words(life: JobHistory) -> str:
    return f"{len({event.tick for event in life.work})} of {life.planned} ticks"
