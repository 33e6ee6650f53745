"""How many jobs run at once behind an outage, and in which order those begin that waited."""

from __future__ import annotations

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import JobHistory, OutageHistory
from queueproof.checkers.struck_jobs import ON_ITS_WAY_S, begun_at_s, lives_before

#: Jobs that were handed to workers before the fault keep their place.
_TOLERATED = 0.5
#: Of fewer pairs one that was handed on early would decide.
_FEWEST = 2


def check_slots(outage: OutageHistory) -> list[Finding]:
    """As many jobs run at once as before the outage.

    Where any free slot takes a job, all that are declared show it: a busy machine may have left one
    of them empty before.
    """
    return [
        held(note.invoked_s)
        if note.facts["seen"] >= note.facts.get("declared", note.facts["wanted"])
        else doubtful(note.invoked_s, actual=str(note.facts["doubt"]))
        if note.facts.get("doubt")
        else broken(
            note.invoked_s,
            expected=f"as many jobs at once as before the outage: {note.facts['wanted']}",
            actual=f"{note.facts['seen']} of {note.facts['asked']} jobs at once, "
            f"{note.facts['looks']} times, until {note.invoked_s - outage.healed_s:.0f} s after it",
        )
        for note in outage.of_kind("slots")
    ]


def check_priorities(outage: OutageHistory) -> list[Finding]:
    """Of the jobs that waited when the fault came, the more urgent ones begin first."""
    order = list(outage.traits.get("promises", {}).get("priorities") or ())
    if outage.costs == "data" or not order:
        return []
    asked = [life for life in lives_before(outage) if _priority(life)]
    came_s = outage.applied_s + ON_ITS_WAY_S
    waiting = [life for life in asked if (begun_at_s(life) or outage.ended_s) > came_s]
    low = [life for life in waiting if _priority(life) == order[0]]
    high = [life for life in waiting if _priority(life) == order[-1]]
    if not asked:
        return []
    if min(len(low), len(high)) < _FEWEST:
        late = "most jobs of one priority did not wait any more when the fault came"
        return [doubtful(outage.applied_s, actual=late)]
    return [_in_order(outage, low, high)]


def _in_order(outage: OutageHistory, low: list[JobHistory], high: list[JobHistory]) -> Finding:
    never_s = outage.ended_s
    wrong = [
        other
        for one in low
        for other in high
        if (begun_at_s(one) or never_s) < (begun_at_s(other) or never_s)
    ]
    pairs = len(low) * len(high)
    if len(wrong) <= _TOLERATED * pairs:
        return held(outage.healed_s)
    return broken(
        outage.healed_s,
        expected=f"of jobs that waited through the outage those of priority {_priority(high[0])!r} "
        f"begin before those of {_priority(low[0])!r}",
        actual=f"in {len(wrong)} of {pairs} pairs the less urgent began first",
        job=wrong[0].job,
        errand=wrong[0].errand,
    )


def _priority(life: JobHistory) -> str:
    return str(life.submit.asked.get("priority") or "")
