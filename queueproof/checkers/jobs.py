"""Jobs under load: each was carried to its end, whole and in order, or the run has failed.

A latency says nothing of a job whose events got lost on the way. So every job of a load run
leaves its rows in the history, and this is what they are held against: a plan (how many ticks,
what was done to it) and what its readers received. Pure functions over rows as
`history.jsonl.gz` has them; a reading's ticks are spans (`[[0, 4]]`) in its facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Any

from queueproof.checkers.delivery import check_delivery, some_of

Row = Mapping[str, Any]
Wrong = tuple["Deviation", str]

_READINGS = ("stream", "poll", "look")
_TO_THE_END = ("stream", "poll")
_LATE = "no answer within"


class Deviation(Enum):
    """What can go wrong with a job."""

    LOST = "lost events"
    DUPLICATED = "duplicated events"
    REORDERED = "reordered events"
    NEVER_EMITTED = "events never emitted"
    NEVER_ENDED = "never ended"
    NOT_CANCELLED = "cancelled without effect"
    WRONG_END = "ended otherwise than it should"
    UNSETTLED = "not known"


@dataclass(frozen=True, kw_only=True)
class LoadFinding:
    """One deviation of one job, in words; `at_s` is when it showed."""

    deviation: Deviation
    job: str
    at_s: float
    words: str

    @property
    def broken(self) -> bool:
        """Whether it is proven, rather than not to be settled."""
        return self.deviation is not Deviation.UNSETTLED


def check_life(life: Sequence[Row], *, effect_s: float) -> list[LoadFinding]:
    """The deviations of one accepted job, given all its rows.

    `effect_s` is how soon after a cancel's success the job has to stop.
    """
    plan = next((row for row in life if "errand" in row.get("facts", ())), None)
    if plan is None or not plan["job"]:
        return []
    readings = [row for row in life if row["kind"] in _READINGS]
    wrong: Iterator[tuple[Row, Wrong]] = (
        (reading, found) for reading in readings for found in _reading(plan["facts"], reading)
    )
    if plan["facts"]["errand"] == "submit":
        wrong = iter(())
    elif plan["kind"] == "predict":
        wrong = ((plan, found) for found in _prediction(plan))
    elif not any(reading["kind"] != "poll" for reading in readings) and not _polled(life, plan):
        wrong = iter([(plan, (Deviation.UNSETTLED, "nobody came to read its end"))])
    cancels = ((row, found) for row in life for found in _cancel(row, readings, effect_s))
    return [
        LoadFinding(
            deviation=deviation,
            job=str(plan["job"]),
            at_s=float(row["ended_s"] or row["invoked_s"]),
            words=words,
        )
        for row, (deviation, words) in chain(wrong, cancels)
    ]


def _polled(life: Sequence[Row], plan: Row) -> bool:
    """Whether a polled job was polled at all; an abandoned one is to be looked at besides."""
    return plan["facts"]["errand"] == "poll" and any(row["kind"] == "poll" for row in life)


def _reading(plan: Row, reading: Row) -> Iterator[Wrong]:
    """What is wrong with one reading of a job that was meant to be as `plan` tells."""
    facts = reading["facts"]
    planned, told = range(int(plan["ticks"])), facts["told"]
    ticks = [tick for first, last in facts["spans"] for tick in range(first, last + 1)]
    found = check_delivery(planned, ticks)
    named = (
        (Deviation.DUPLICATED, found.duplicated),
        (Deviation.REORDERED, found.reordered),
        (Deviation.NEVER_EMITTED, found.unexpected),
        (Deviation.LOST, found.missing if told == "end" else _gaps(ticks)),
    )
    for deviation, wrong in named:
        if wrong:
            yield deviation, f"ticks {some_of(wrong)} of {len(planned)}"
    if plan["errand"] in _TO_THE_END:
        yield from _undisturbed_end(told, reading)
    elif plan["errand"] == "abandon":
        yield from _reclaimed(reading)
    elif told is None and reading["outcome"] != "ok":
        yield _unread(reading)


def _gaps(ticks: Sequence[int]) -> tuple[int, ...]:
    """Ticks that are missing in between, however far the reading went."""
    return check_delivery(range(max(ticks, default=-1) + 1), ticks).missing


def _undisturbed_end(told: str | None, reading: Row) -> Iterator[Wrong]:
    if told == "end":
        return
    if told is not None:
        yield Deviation.WRONG_END, f"told {told}"
    elif reading["outcome"] == "ok":
        yield Deviation.NEVER_ENDED, "the reading ended, and no end was told"
    elif reading["status"] == 404:
        yield Deviation.LOST, f"the job is gone: {reading['detail']}"
    else:
        yield _unread(reading)


def _reclaimed(reading: Row) -> Iterator[Wrong]:
    """A job whose client left is over by the time of the look."""
    if reading["kind"] != "look" or reading["outcome"] == "ok":
        return
    if str(reading["detail"]).startswith(_LATE):
        yield Deviation.NEVER_ENDED, "it still ran when it had to be reclaimed"
    elif reading["status"] != 404:
        yield _unread(reading)


def _unread(reading: Row) -> Wrong:
    if str(reading["detail"]).startswith(_LATE):
        return Deviation.NEVER_ENDED, f"{reading['detail']}, and no end was told"
    return Deviation.UNSETTLED, f"its end was not read: {reading['detail']}"


def _prediction(plan: Row) -> Iterator[Wrong]:
    if plan["outcome"] == "unknown":
        yield _unread(plan)
    elif plan["outcome"] == "failed":
        yield Deviation.WRONG_END, str(plan["detail"])


def _cancel(row: Row, readings: Sequence[Row], effect_s: float) -> Iterator[Wrong]:
    """A cancel's success means that the job stops, unless it was over already."""
    if row["kind"] != "cancel" or row["outcome"] != "ok":
        return
    by_s = float(row["ended_s"]) + effect_s
    for reading in readings:
        if reading["facts"]["told"] == "end" and float(reading["ended_s"]) > by_s:
            went_s = float(reading["ended_s"]) - float(row["ended_s"])
            yield Deviation.NOT_CANCELLED, f"it went on for {went_s:.1f} s to its own end"
