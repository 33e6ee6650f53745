"""Streams of a described queue through an outage: they end, and begin again without a gap."""

from __future__ import annotations

from queueproof.checkers.findings import Finding, broken, held
from queueproof.checkers.outage_history import JobHistory, OutageHistory, ReaderHistory


def check_streams(outage: OutageHistory) -> list[Finding]:
    """A stream ends when its job has ended, and one that is opened since the fault came, and tells
    the end, has what others were told.

    What nobody was told may have been lost with an answer, or with the data; and while another
    Redis takes over, nobody can say which of them answers.
    """
    if outage.costs == "data":
        return []
    return [
        finding
        for life in outage.accepted
        if not life.cancels
        for reading in life.first_readings
        if reading.kind == "stream" and reading.status == 200
        for finding in [_hangs(outage, life, reading) or _lacks(outage, life, reading)]
        if finding is not None
    ]


def _hangs(outage: OutageHistory, life: JobHistory, stream: ReaderHistory) -> Finding | None:
    ended_s = _told_elsewhere_s(life)
    if stream.ended != "open" or stream.told or ended_s is None:
        return None
    within_s = outage.timings["recovery_s"] + outage.timings["answer_s"]
    quiet_s = stream.ended_s - max(ended_s, outage.healed_s, stream.began_s)
    if quiet_s <= within_s:
        return None
    return broken(
        stream.ended_s,
        expected=f"a stream ends within {within_s:.0f} s of its job's end, or of the outage's",
        actual=f"{quiet_s:.1f} s later it is open and has told {len(stream.ticks)} of "
        f"{life.planned} ticks and no end",
        job=life.job,
        errand=life.errand,
    )


def _lacks(outage: OutageHistory, life: JobHistory, stream: ReaderHistory) -> Finding | None:
    if stream.began_s < outage.one_master_from_s or not stream.told:
        return None
    others = {tick for each in life.first_readings if each is not stream for tick in each.ticks}
    missing = sorted(others - set(stream.ticks))
    if not missing:
        return held(stream.told_s, job=life.job or "") if others else None
    return broken(
        stream.told_s,
        expected="a stream that is opened again tells what other readers were told",
        actual=f"it lacks {len(missing)} of {len(others)} ticks, the first {missing[0]}",
        job=life.job,
        errand=life.errand,
    )


def _told_elsewhere_s(life: JobHistory) -> float | None:
    """When polls were told that the job had ended."""
    told = [each.told_s for each in life.first_readings if each.kind == "poll" and each.told]
    return min(told, default=None)
