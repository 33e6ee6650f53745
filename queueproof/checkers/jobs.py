"""Jobs under load: each was carried to its end, whole and in order, or the run has failed.

A latency says nothing of a job whose events got lost on the way. So every job of a load run
leaves its rows in the history, and this is what they are held against: a plan (how many ticks,
what was done to it) and what its readers received. Pure functions over rows as
`history.jsonl.gz` has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from queueproof.checkers.delivery import check_delivery

Row = Mapping[str, Any]

_TERMINAL = ("end", "error", "cancelled")
_READINGS = ("stream", "poll", "predict")
_TO_THE_END = ("stream", "poll", "predict")


class Deviation(Enum):
    """What can go wrong with a job, worst first."""

    LOST = "lost events"
    DUPLICATED = "duplicated events"
    REORDERED = "reordered events"
    NEVER_EMITTED = "events never emitted"
    NEVER_ENDED = "never ended"
    WRONG_END = "ended otherwise than it should"
    UNSETTLED = "not known"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One deviation of one job, in words; `at_s` is when it showed."""

    deviation: Deviation
    job: str
    at_s: float
    words: str

    @property
    def broken(self) -> bool:
        """Whether it is proven, rather than not to be settled."""
        return self.deviation is not Deviation.UNSETTLED


def check_jobs(rows: Iterable[Row]) -> tuple[int, list[Finding]]:
    """How many accepted jobs there were, and every deviation among them."""
    lives: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("job"):
            lives[str(row["job"])].append(row)
    findings = [finding for job, life in lives.items() for finding in check_job(job, life)]
    return len(lives), sorted(findings, key=lambda finding: finding.at_s)


def check_job(job: str, life: Sequence[Row]) -> Iterator[Finding]:
    """The deviations of one job, given all its rows."""
    submit = next((row for row in life if row["kind"] == "submit"), None)
    if submit is None:
        return
    facts = submit.get("facts") or {}
    readings = [row for row in life if row["kind"] in _READINGS]
    if not readings:
        words = "nobody read it to an end"
        yield Finding(deviation=Deviation.UNSETTLED, job=job, at_s=submit["invoked_s"], words=words)
    for reading in readings:
        for deviation, words in _check(facts, reading):
            at_s = float(reading["ended_s"] or reading["invoked_s"])
            yield Finding(deviation=deviation, job=job, at_s=at_s, words=words)


def _check(facts: Row, reading: Row) -> Iterator[tuple[Deviation, str]]:
    """What is wrong with one reading of a job that was meant to be as `facts` tell."""
    ticks = [tick for kind, tick, *_ in reading["events"] if kind == "tick"]
    told = next((kind for kind, *_ in reading["events"] if kind in _TERMINAL), None)
    planned = range(int(facts["ticks"]))
    yield from _order(planned, ticks)
    to_the_end = facts["errand"] in _TO_THE_END
    if told == "end" or (told is None and to_the_end and reading["outcome"] == "ok"):
        yield from _loss(planned, ticks)
    if to_the_end:
        yield from _end(told, reading)
    elif told is None and reading["outcome"] != "ok":
        yield Deviation.UNSETTLED, f"its end was not read: {reading['detail']}"


def _order(planned: range, ticks: list[int]) -> Iterator[tuple[Deviation, str]]:
    """What is wrong however far the reading went."""
    found = check_delivery(planned, ticks)
    named = (
        (Deviation.DUPLICATED, found.duplicated),
        (Deviation.REORDERED, found.reordered),
        (Deviation.NEVER_EMITTED, found.unexpected),
    )
    for deviation, wrong in named:
        if wrong:
            yield deviation, f"ticks {_some(wrong)} of {len(planned)}"


def _loss(planned: range, ticks: list[int]) -> Iterator[tuple[Deviation, str]]:
    missing = check_delivery(planned, ticks).missing
    if missing:
        yield Deviation.LOST, f"ticks {_some(missing)} of {len(planned)}"


def _end(told: str | None, reading: Row) -> Iterator[tuple[Deviation, str]]:
    """How a job ends that nobody disturbed."""
    if told == "end":
        return
    if told is not None:
        yield Deviation.WRONG_END, f"told {told}"
    elif reading["outcome"] == "ok":
        yield Deviation.NEVER_ENDED, "the reading ended, and no end was told"
    elif str(reading["detail"]).startswith("no answer within"):
        yield Deviation.NEVER_ENDED, f"{reading['detail']}, and no end was told"
    elif reading["status"] == 404:
        yield Deviation.LOST, f"the job is gone: {reading['detail']}"
    else:
        yield Deviation.UNSETTLED, f"its end was not read: {reading['detail']}"


def _some(ticks: Sequence[int]) -> str:
    shown = ", ".join(str(tick) for tick in ticks[:5])
    return f"{shown}, …" if len(ticks) > 5 else shown
