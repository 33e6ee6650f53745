"""What the figures are to show: each aim a ratio of two rows of the same run, reached or not.

An aim whose rows are missing was not measured, which says nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from queueproof.bench.measuring import Row, had_no_time

Parts = Mapping[str, Sequence[Row]]
_EIGHT = 8
_IN_FLIGHT, _READERS = 2000, 200


@dataclass(frozen=True, kw_only=True)
class Aim:
    """One aim: `ours` against `theirs`, so many times as much `at_least` or `at_most`.

    The two say in which part, and in which row of it, a figure of this name stands.
    """

    title: str
    figure: str
    part: str
    ours: Callable[[Row], bool]
    theirs: Callable[[Row], bool]
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, kw_only=True)
class Met:
    """An aim and what was measured, empty where that was nothing; `reached` is None where it says
    nothing of the aim."""

    title: str
    wanted: str
    measured: str = ""
    reached: bool | None = None

    @property
    def word(self) -> str:
        """How it came out."""
        return {True: "reached", False: "not reached", None: "unknown"}[self.reached]

    def as_entry(self) -> dict[str, Any]:
        """The aim in the results."""
        return asdict(self)


def _rows_with(**wanted: Any) -> Callable[[Row], bool]:
    return lambda row: all(row.get(name) == value for name, value in wanted.items())


def _against_the_real(contract: str, part: str, title: str, figure: str, **other: Any) -> Aim:
    limits = {name: other.pop(name) for name in ("at_least", "at_most") if name in other}
    ours, theirs = (_rows_with(contract=contract, real=real, **other) for real in (False, True))
    return Aim(title=title, figure=figure, part=part, ours=ours, theirs=theirs, **limits)


_STREAMS: dict[str, Any] = {"does": "stream", "clients": _EIGHT}
_SUBMITS: dict[str, Any] = {"by": "wrk", "clients": _EIGHT}
AIMS = (
    _against_the_real(
        *("langflow", "jobs", "jobs a second against Langflow, eight clients", "jobs_per_s"),
        at_least=15.0,
        **_STREAMS,
    ),
    _against_the_real(
        *("langflow", "jobs", "a job's p99 against Langflow, eight clients", "job_p99_ms"),
        at_most=0.25,
        **_STREAMS,
    ),
    _against_the_real(
        *("langflow", "cancels", "cancel to stopped across workers against Langflow, median"),
        "cancel_to_stopped_p50_ms",
        at_most=0.5,
        crossing=True,
    ),
    _against_the_real(
        *("flowise", "jobs", "jobs a second against Flowise, eight clients", "jobs_per_s"),
        at_least=10.0,
        **_STREAMS,
    ),
    Aim(
        title="submits a second against the bare stack, eight clients",
        figure="requests_per_s",
        part="submits",
        ours=_rows_with(contract="langflow", real=False, **_SUBMITS),
        theirs=_rows_with(system="bare stack, 3 workers", **_SUBMITS),
        at_least=0.5,
    ),
)


def aims_of(parts: Parts) -> list[Met]:
    """Every aim, held against the rows of one run."""
    whole = [
        _whole(parts, "in-flight", "wanted", _IN_FLIGHT, "jobs in flight, nothing lost"),
        _whole(parts, "readers", "readers", _READERS, "readers of one job, nothing lost"),
    ]
    return [*(_met(aim, parts) for aim in AIMS), *whole]


def _met(aim: Aim, parts: Parts) -> Met:
    rows = parts.get(aim.part, ())
    ours = next((row for row in rows if aim.ours(row) and row.get(aim.figure)), None)
    theirs = next((row for row in rows if aim.theirs(row) and row.get(aim.figure)), None)
    side = "at least" if aim.at_least is not None else "at most"
    limit = aim.at_least if aim.at_least is not None else aim.at_most
    assert limit is not None
    wanted = f"{side} {limit:g} times"
    if ours is None or theirs is None:
        return Met(title=aim.title, wanted=wanted)
    ratio = float(ours[aim.figure]) / float(theirs[aim.figure])
    return Met(
        title=aim.title,
        wanted=wanted,
        measured=f"{ratio:.3g} times ({ours[aim.figure]:g} and {theirs[aim.figure]:g})",
        reached=ratio >= limit if aim.at_least is not None else ratio <= limit,
    )


def _whole(parts: Parts, part: str, name: str, number: int, what: str) -> Met:
    """Nothing was lost of so many at once."""
    title, wanted = f"{number:,} {what}", "0 failed, 0 deviant"
    row = next((row for row in parts.get(part, ()) if row.get(name) == number), None)
    if row is None or "failed" not in row:
        return Met(title=title, wanted=wanted)
    failed, deviant = row["failed"], row["deviant_jobs"]
    measured, doubt = f"{failed} failed, {deviant} deviant", had_no_time(row)
    if not (failed or deviant):
        return Met(title=title, wanted=wanted, measured=measured, reached=True)
    measured += f", but {doubt}" if doubt else ""
    return Met(title=title, wanted=wanted, measured=measured, reached=None if doubt else False)
