"""What readers of a job received through an outage: order, no gap, nothing twice."""

from __future__ import annotations

from queueproof.checkers.delivery import DeliveryFindings, check_delivery
from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import JobHistory, OutageHistory, ReaderHistory
from queueproof.history import EventKind


def check_readings(outage: OutageHistory) -> list[Finding]:
    """Each reading holds the job's ticks once each, in order and without a gap.

    A reading that ended well holds all of them; any other a beginning. Polls take from a common
    position, so a gap after a lost answer is undecidable: it may have been in that answer. Where
    data may be lost that position may be, too, so that polls repeat what they have delivered.
    """
    return [
        _judged(outage, life, reading)
        for life in outage.accepted
        for reading in life.readings
        if reading.has_events and (reading.ticks or reading.told is EventKind.END)
    ]


def _judged(outage: OutageHistory, life: JobHistory, reading: ReaderHistory) -> Finding:
    whole = reading.told is EventKind.END
    emitted = range(life.planned if whole else max(reading.ticks, default=-1) + 1)
    found = check_delivery(emitted, reading.ticks)
    if found.clean or _position_lost(outage, reading, found):
        return held(reading.ended_s, job=life.job or "")
    if reading.gaps_possible and not found.reordered:
        return doubtful(
            reading.ended_s, actual=f"{found.words}, but an answer was lost", job=life.job
        )
    return broken(
        reading.ended_s,
        expected=f"ticks 0..{len(emitted) - 1} once each, in order",
        actual=f"{len(reading.ticks)} deliveries by {reading.kind}: {found.words}",
        job=life.job,
        errand=life.errand,
    )


def _position_lost(outage: OutageHistory, reading: ReaderHistory, found: DeliveryFindings) -> bool:
    """Whether polls began again from an older position, which went with the data, and no more."""
    repeated = not (found.missing or found.reordered or found.unexpected)
    lossy = outage.costs == "data" and outage.met(reading.began_s, reading.ended_s)
    return repeated and lossy and reading.kind == "poll"
