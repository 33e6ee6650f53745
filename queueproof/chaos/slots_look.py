"""Whether as many jobs run at once behind an outage as before it.

A worker that takes jobs may take fewer at once than it did: a run that was lost keeps its slot. So
as many jobs as have run at once before are asked for, and if they do not run at once, longer ones:
a busy machine begins them late, too, but before the first of them is over.

A worker that takes jobs ahead may leave another one without: what ran every job that it got, all of
them at once, has not shown how many more it would run.

A busy machine may not have filled every slot before the outage. As many as then show that none was
lost only where they are as many as are declared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from queueproof.checkers.overlap import Span, most_at_once
from queueproof.errors import QueueproofError
from queueproof.history import current_facts
from queueproof.probe import Probe
from queueproof.targets.system import System
from queueproof.waiting import eventually

_TICK_S = 0.25
_LASTING_S = (1.5, 3.0, 6.0)
#: Where a worker may take several jobs ahead, another one needs its own.
_JOBS_A_SLOT, _MOST_JOBS = 3, 40
_DONE_WITHIN_S = 15.0


@dataclass
class SlotsLook:
    """The greatest number that was seen at once, of how many, in how many looks.

    `doubt` is why the last look proves nothing; one whose jobs were not done is the last.
    """

    seen: int = 0
    asked: int = 0
    looks: int = 0
    doubt: str = ""


async def note_slots(system: System, *, before: int, until_s: float) -> None:
    """Look, and note what was seen; again until the moment `until_s` of the history at least, by
    when what was lost has given back its slot.

    `before` is how many jobs ran at once before the outage.
    """
    current_facts.set({"ours": True})
    look = SlotsLook()
    slots = system.slots or before
    wanted = min(before, slots)
    declared = min(slots, _MOST_JOBS) if _hands_to_any_slot(system) else wanted
    done = True
    while look.seen < declared and done:
        if look.looks >= len(_LASTING_S) and system.history.now_s() > until_s:
            break
        done = await _look(system, look, declared)
    if wanted <= look.seen < declared:
        look.doubt = look.doubt or (
            f"{wanted} of {declared} declared slots had a job before the outage, {look.seen} after"
        )
    told = {"wanted": wanted, "declared": declared, **vars(look)}
    system.history.note("slots", f"{look.seen} of {declared} at once", **told)


def _hands_to_any_slot(system: System) -> bool:
    """Whether no worker takes jobs for which another one has room."""
    return bool(system.promises and system.promises.any_slot)


def at_once_before(system: System, pauses: Mapping[str, float], *, until_s: float) -> int:
    """How many jobs were at work at once before a moment; `pauses` has by key how long each of
    them works on after a tick.
    """
    return most_at_once(
        (seen.at_s, min(seen.at_s + pause_s, until_s))
        for key, pause_s in pauses.items()
        for seen in system.witness.sightings(key)
        if seen.at_s < until_s
    )


async def _look(system: System, look: SlotsLook, wanted: int) -> bool:
    """One look; whether its jobs were done. Who was refused once may be taken next time."""
    lasts_s = _LASTING_S[min(look.looks, len(_LASTING_S) - 1)]
    probe = Probe(ticks=round(lasts_s / _TICK_S), interval_s=_TICK_S, witnessed=True)
    ahead = not _hands_to_any_slot(system)
    number = min(_MOST_JOBS, wanted * _JOBS_A_SLOT) if ahead else wanted
    try:
        told = await asyncio.gather(*(system.try_submit(probe) for _ in range(number)))
    except QueueproofError as error:
        look.doubt = str(error)
        return False
    jobs = [job for job, _ in told if job is not None]
    look.looks, look.asked = look.looks + 1, number
    refused = number - len(jobs)
    look.doubt = f"{refused} of {number} submits were refused" if refused else ""

    async def seen() -> tuple[int, bool]:
        spans = [span for job in jobs if (span := _span(system, job.key)) is not None]
        return most_at_once(spans), all(len(job.sightings) >= probe.ticks for job in jobs)

    def enough(found: tuple[int, bool]) -> bool:
        return found[0] >= wanted or found[1]

    within_s = _DONE_WITHIN_S + lasts_s * number
    (most, _), done = await eventually(seen, enough, within_s=within_s)
    look.seen = max(look.seen, most)
    short = done and ahead and look.seen < wanted
    if short and (idle := _not_filled(system, [job.key for job in jobs])):
        look.doubt = look.doubt or f"{idle} was given no more jobs than it ran at once"
    if not done:
        look.doubt = look.doubt or f"{number} jobs were not done within {within_s:.0f} s"
    return done


def _not_filled(system: System, keys: Sequence[str]) -> str:
    """A worker program that ran all it got at once; empty where there is none, or none is seen."""
    spans: dict[str, list[Span]] = {member.label: [] for member in system.crew}
    for key in keys:
        worker, span = system.witness.worker_of(key), _span(system, key)
        if worker not in spans or span is None:
            return ""
        spans[worker].append(span)
    return next((one for one, its in spans.items() if most_at_once(its) == len(its)), "")


def _span(system: System, key: str) -> Span | None:
    """From its first tick to its last one; None for one that did not begin."""
    at_s = [seen.at_s for seen in system.witness.sightings(key)]
    return (at_s[0], at_s[-1]) if at_s else None
