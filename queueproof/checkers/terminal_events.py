"""Terminal events: every reader is told one end, a true one, and nothing behind it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import JobHistory, OutageHistory, ReaderHistory
from queueproof.history import EventKind

#: A grace that is told to be over may be measured a little shorter from outside.
_NEARLY = 0.95


def check_terminal_events(outage: OutageHistory) -> list[Finding]:
    """Readers are told one end, it is true, and nothing follows it."""
    return [finding for life in outage.accepted for finding in _told(outage, life)]


def _told(outage: OutageHistory, life: JobHistory) -> Iterable[Finding]:
    for reading in life.readings:
        if reading.status == 200 and (reading.told or reading.ended == "clean"):
            wrong = _untruth(outage, life, reading)
            if wrong is None:
                yield held(reading.told_s, job=life.job or "")
            else:
                yield broken(
                    reading.told_s,
                    expected=wrong[0],
                    actual=wrong[1],
                    job=life.job,
                    errand=life.errand,
                )
    yield from _contradictions(outage, life)


def _untruth(
    outage: OutageHistory, life: JobHistory, reading: ReaderHistory
) -> tuple[str, str] | None:
    """Expected and actual, when a reading's end is not as it should be."""
    told, done = reading.told, {event.tick for event in life.work}
    if told is None:
        return (
            "a stream that ends says how the job ended",
            f"a bare end after {len(reading.ticks)} of {life.planned} ticks",
        )
    if told is EventKind.END and len(done) < life.planned:
        return (
            "a job that is told to have ended well did all its work",
            f"told end after {len(done)} of {life.planned} ticks were done",
        )
    if told is EventKind.CANCELLED and not (_somebody_asked(life) or unheard(outage, life)):
        return "only a cancelled job is told to be", "told cancelled, and nobody cancelled it"
    following = _after_terminal(outage, reading)
    if following:
        return "nothing follows the terminal event", f"{following} more events followed"
    return None


def _somebody_asked(life: JobHistory) -> bool:
    """Whether a cancel was sent, or a stream was closed or lost, which is a cancel too."""
    if life.cancels or life.dropped_s is not None:
        return True
    return any(r.kind == "stream" and r.ended == "broken" for r in life.readings)


def unheard(outage: OutageHistory, life: JobHistory) -> bool:
    """Whether every reader was out of hearing for longer than the stale threshold.

    A stream's presence cannot reach the owner from a worker that is cut off, nor can a client's
    that waits for a poll which a stopped process holds: the build then counts as abandoned.
    """
    threshold_s = outage.timings.get("stale_threshold_s", 0.0)
    long = outage.healed_s - outage.applied_s >= threshold_s
    return threshold_s > 0 and all(
        reading.silent_s > 0.9 * threshold_s
        if reading.kind == "poll"
        else long and reading.via in outage.apart and life.owner not in outage.apart
        for reading in life.first_readings
    )


def outlasted(outage: OutageHistory, reading: ReaderHistory) -> bool:
    """Whether an error ended only the reading: the startup grace was over, and nothing had come.

    The job itself may still begin, and other readers be told how it went.
    """
    grace_s = outage.timings.get("startup_grace_s", 0.0)
    waited_s = reading.told_s - reading.began_s
    return (
        reading.has_events
        and reading.told is EventKind.ERROR
        and grace_s > 0
        and waited_s >= _NEARLY * grace_s
        and all(event.kind in (EventKind.ERROR, EventKind.END) for event in reading.events)
    )


def _after_terminal(outage: OutageHistory, reading: ReaderHistory) -> int:
    first = next((at for at, e in enumerate(reading.events) if e.kind in outage.closing), None)
    if first is None or reading.kind == "poll":
        # A poll after the end says so again, which is no second end.
        return 0
    return len(reading.events) - first - 1


def _contradictions(outage: OutageHistory, life: JobHistory) -> Iterable[Finding]:
    """Two readers that were told different ends.

    That a job has failed is also how a reader is told that its events are lost; where a fault
    may destroy data, that does not contradict an earlier, better end.
    """
    of_the_job = (r for r in life.readings if r.told and not outlasted(outage, r))
    told = sorted(of_the_job, key=lambda r: r.told_s)
    for earlier, later in pairwise(told):
        if earlier.told is later.told:
            continue
        if later.told is EventKind.ERROR and outage.costs == "data":
            continue
        if earlier.told is EventKind.ERROR and later.kind == "lookup" and outage.costs == "data":
            # The stream lost its events; the result was kept.
            continue
        if earlier.told is EventKind.ERROR and earlier.via in outage.silenced - {life.owner}:
            # The reader's own worker was stopped: its reading failed, not the job.
            continue
        if earlier.gaps_possible or later.gaps_possible:
            yield doubtful(later.told_s, actual="an answer was lost between two ends", job=life.job)
            continue
        yield broken(
            later.told_s,
            expected="every reader is told the same end",
            actual=f"one was told {earlier.told.value if earlier.told else ''}, another "
            f"{later.told_s - earlier.told_s:.1f} s later {later.told.value if later.told else ''}",
            job=life.job,
            errand=life.errand,
        )
