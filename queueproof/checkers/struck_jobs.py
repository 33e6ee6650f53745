"""Jobs whose worker an outage struck, and what became of each: when it was begun again, or told.

A job is struck when a worker that the fault reaches was at work on it, as the witness saw, when the
fault was applied.
"""

from __future__ import annotations

from collections import Counter

from queueproof.checkers.outage_history import JobHistory, OutageHistory

#: Between a worker's last tick and the one that tells it: what is seen so late was still its own.
ON_ITS_WAY_S = 0.3
#: What is over sooner than it was asked to be.
_SOONER_S = 0.3


def struck_lives(outage: OutageHistory) -> list[JobHistory]:
    """Jobs that a struck worker program was at work on; none where the fault meets everybody."""
    if not outage.apart:
        return []
    return [
        life
        for life in lives_before(outage)
        if worker_of(outage, life) in outage.struck
        and life.work
        and life.work[0].at_s < outage.applied_s
        and not may_be_over(outage, life)
    ]


def lives_before(outage: OutageHistory) -> list[JobHistory]:
    """Jobs that were accepted before the fault was applied."""
    return [life for life in outage.accepted if life.accepted_s < outage.applied_s]


def may_be_over(outage: OutageHistory, life: JobHistory) -> bool:
    """Whether it may have been over, or at its last tick, before the fault had taken hold.

    Of a job with a single tick, and of a run that fails, that is told by its time.
    """
    until_s = worker_lost_s(outage) + ON_ITS_WAY_S
    begun_s = begun_at_s(life)
    if begun_s is not None and life.always_fails:
        return _last_begun_s(life, until_s) + _fails_after_s(life) - _SOONER_S < until_s
    if begun_s is not None and life.planned == 1 and not life.fails:
        return begun_s + life.lasts_s - delay_of_s(life) - _SOONER_S < until_s
    done = {event.tick for event in life.work if event.at_s < until_s}
    return len(done) >= life.planned - 1


def _last_begun_s(life: JobHistory, until_s: float) -> float:
    """When the last of its runs before a moment was begun."""
    begun = [event.at_s for event in life.work if event.tick == 0 and event.at_s < until_s]
    return max(begun, default=until_s)


def _fails_after_s(life: JobHistory) -> float:
    """How long a run works before it fails, as it was asked to."""
    asked = life.submit.asked
    return float(asked.get("interval_s") or 0.0) * int(asked.get("fail_at") or 0)


def worker_of(outage: OutageHistory, life: JobHistory) -> str:
    """The worker program that did its first tick; empty where that could not be seen."""
    workers = life.hosts & outage.crew
    return next(iter(workers)) if len(workers) == 1 else ""


def begun_again_s(outage: OutageHistory, life: JobHistory) -> float | None:
    """When it was begun again after its worker was lost; None where it was not."""
    # To strike takes a while, too: what the worker did last may be heard of when it is over.
    after_s = max(outage.holds_s + _grace_s(outage), worker_lost_s(outage)) + ON_ITS_WAY_S
    return min((event.at_s for event in life.work if event.at_s > after_s), default=None)


def again_or_told_s(outage: OutageHistory, life: JobHistory) -> float | None:
    """When a struck job was begun again, or its end told; None where neither was."""
    found = (begun_again_s(outage, life), end_told_s(life))
    return min((at_s for at_s in found if at_s is not None), default=None)


def begun_at_s(life: JobHistory) -> float | None:
    """When its first step was seen; None where none was."""
    return min((event.at_s for event in life.work), default=None)


def delay_of_s(life: JobHistory) -> float:
    """How long the queue was asked to hold it back, in seconds; 0: not at all."""
    return float(life.submit.asked.get("delay_s", 0.0))


def worker_lost_s(outage: OutageHistory) -> float:
    """When a struck worker is gone: one that is told to stop first works on for its grace."""
    return outage.applied_s + _grace_s(outage)


def _grace_s(outage: OutageHistory) -> float:
    return float(outage.traits.get("grace_s", 0.0))


def end_told_s(life: JobHistory) -> float | None:
    """When any reader was first told how it ended; None where nobody was."""
    return min((reading.told_s for reading in life.readings if reading.told), default=None)


def repeated_ticks(life: JobHistory) -> list[int]:
    """The ticks that were done more than once."""
    times = Counter(event.tick for event in life.work)
    return [tick for tick, number in times.items() if number > 1 and tick is not None]


def second_run_s(life: JobHistory) -> float | None:
    """When a tick was first done for a second time; None where each was done once at most."""
    seen: set[int] = set()
    for event in life.work:
        if event.tick in seen:
            return event.at_s
        if event.tick is not None:
            seen.add(event.tick)
    return None
