"""How long things took in an outage: figures beside the verdicts, by which targets compare.

A name ends in what it counts, seconds. What each means to a person is said in the report.
"""

from __future__ import annotations

from collections.abc import Mapping

from queueproof.checkers.outage_history import OutageHistory
from queueproof.checkers.struck_jobs import (
    again_or_told_s,
    begun_at_s,
    delay_of_s,
    lives_before,
    struck_lives,
    worker_lost_s,
    worker_of,
)

LOSS_TO_KNOWN = "loss_to_known_s"
HEAL_TO_FIRST_JOB = "heal_to_first_job_s"
DELAY_LATENESS = "delay_lateness_s"
WAITING = "waiting_s"


def outage_durations(outage: OutageHistory) -> Mapping[str, tuple[float, ...]]:
    """What was measured in one outage, by name; names without any measurement are left out."""
    measured = {
        LOSS_TO_KNOWN: _until_known(outage),
        HEAL_TO_FIRST_JOB: _until_first_jobs(outage),
        DELAY_LATENESS: _lateness(outage),
        WAITING: _waits(outage),
    }
    return {name: tuple(values) for name, values in measured.items() if values}


def _until_known(outage: OutageHistory) -> list[float]:
    """From the loss of a worker to each of its jobs being run again, or told of.

    Nothing of a stop, after which a worker may finish what it has.
    """
    if outage.traits.get("stops"):
        return []
    known = [again_or_told_s(outage, life) for life in struck_lives(outage)]
    return [max(0.0, at_s - worker_lost_s(outage)) for at_s in known if at_s is not None]


def _until_first_jobs(outage: OutageHistory) -> list[float]:
    """From the heal to the first step that each worker was seen to begin afterwards."""
    begun = [
        (worker, begun_s)
        for life in outage.accepted
        if (worker := worker_of(outage, life)) and (begun_s := begun_at_s(life)) is not None
    ]
    for wave in outage.of_kind("wave"):
        begun += wave.facts.get("firsts", {}).items()
    firsts: dict[str, float] = {}
    for worker, begun_s in begun:
        if begun_s >= outage.healed_s:
            firsts[worker] = min(firsts.get(worker, begun_s), begun_s)
    return [begun_s - outage.healed_s for begun_s in firsts.values()]


def _lateness(outage: OutageHistory) -> list[float]:
    """From a delayed job's time to its first step."""
    delayed = [(life, begun_at_s(life)) for life in outage.accepted if delay_of_s(life)]
    return [
        max(0.0, begun_s - life.submit.invoked_s - delay_of_s(life))
        for life, begun_s in delayed
        if begun_s is not None
    ]


def _waits(outage: OutageHistory) -> list[float]:
    """From a submit's answer to the job's first step, of jobs that were there before the outage."""
    waited = [(life, begun_at_s(life)) for life in lives_before(outage) if not delay_of_s(life)]
    return [max(0.0, begun_s - life.accepted_s) for life, begun_s in waited if begun_s is not None]
