"""Jobs that were asked to fail, in an outage: how often they ran, and how they were told to end."""

from __future__ import annotations

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import JobHistory, OutageHistory
from queueproof.checkers.struck_jobs import end_told_s
from queueproof.history import EventKind

_AT_LEAST_ONCE = "at-least-once"
#: A run that ends so shortly before a fault may not have been told as ended.
_SHORTLY_S = 1.0


def check_failing(outage: OutageHistory) -> list[Finding]:
    """A job that fails is run as often as was asked, and told as it ended.

    It may have run once more for each time that the outage may have interrupted it, or have lost
    as many of its runs. One of which nothing was asked may have what the queue gives every job, as
    one does that counts the runs of lost workers as retries. Where lost jobs are not promised to be
    run again, one that the outage met may be told to have failed at any time, or never be told of.
    """
    if outage.costs == "data":
        return []
    return [
        finding
        for life in outage.accepted
        if life.fails and life.first_readings and not life.cancels
        for finding in [_failing(outage, life)]
        if finding is not None
    ]


def _failing(outage: OutageHistory, life: JobHistory) -> Finding | None:
    told = next((reading.told for reading in life.first_readings if reading.told), None)
    wanted = EventKind.ERROR if life.always_fails else EventKind.END
    runs, asked = len(_begun_s(life)), _asked_runs(life)
    again = outage.traits.get("promises", {}).get("delivery") == _AT_LEAST_ONCE
    may_be_lost = not (again or _came_behind(outage, life))
    if told is None and may_be_lost:
        return None
    if told is None and outage.ended_s < _bound_s(outage, life):
        return doubtful(life.due_s, actual="its end was not told in time", job=life.job)
    fewer = runs < asked - _interruptions(outage, life)
    most = asked + _given(outage, life)
    more = runs > most + max(_interruptions(outage, life), _runs_within(outage, life))
    lost = told is EventKind.ERROR and may_be_lost
    if not more and (lost or (told is wanted and not fewer)):
        return held(end_told_s(life) or life.due_s, job=life.job or "")
    if told is EventKind.ERROR is not wanted and _interruptions(outage, life) > _spare(life):
        return doubtful(life.due_s, actual="its retries may have been lost runs", job=life.job)
    how = "failed" if life.always_fails else "completed"
    return broken(
        end_told_s(life) or life.due_s,
        expected=f"{asked} runs, and then told to have {how}",
        actual=f"{runs} runs, told: {told.value if told else 'nothing'}",
        job=life.job,
        errand=life.errand,
    )


def _begun_s(life: JobHistory) -> list[float]:
    return [event.at_s for event in life.work if event.tick == 0]


def _asked_runs(life: JobHistory) -> int:
    """With those that fail, and the last one."""
    return 1 + int(life.submit.asked.get("retries" if life.always_fails else "fail_times") or 0)


def _given(outage: OutageHistory, life: JobHistory) -> int:
    """How many retries a job may have of which none were asked."""
    promised = int(outage.traits.get("promises", {}).get("retries") or 0)
    return 0 if life.submit.asked.get("retries") else promised


def _spare(life: JobHistory) -> int:
    """How many more runs there may be than are needed."""
    return int(life.submit.asked.get("retries") or 0) + 1 - _asked_runs(life)


def _interruptions(outage: OutageHistory, life: JobHistory) -> int:
    """How often it may have been interrupted: a job that came behind the outage, never."""
    return 0 if _came_behind(outage, life) else int(outage.traits.get("interruptions", 1))


def _came_behind(outage: OutageHistory, life: JobHistory) -> bool:
    return life.submit.invoked_s >= outage.whole_s


def _runs_within(outage: OutageHistory, life: JobHistory) -> int:
    """Its runs of which the end may not have been taken."""
    from_s = outage.applied_s - _SHORTLY_S
    return sum(from_s <= at_s < outage.healed_s for at_s in _begun_s(life))


def _bound_s(outage: OutageHistory, life: JobHistory) -> float:
    """When its end must have been told at the latest."""
    timings, promises = outage.timings, outage.traits.get("promises", {})
    natural_s = max(life.accepted_s, outage.healed_s) + 2 * life.lasts_s
    lost_s = float(promises.get("redelivery_s") or 0.0)
    return natural_s + timings["recovery_s"] + lost_s + timings["answer_s"]
