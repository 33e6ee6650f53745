"""The parts of a benchmark: each measures its subjects side by side and gives rows.

A part is measured on the reference as it is launched here and, where a deployment was named, on
that too, under the same errands. Every row says how many jobs deviated: a figure that lost events
is no figure.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from queueproof.bench.crossing import crossing_cancels
from queueproof.bench.measuring import Row, busy, measured
from queueproof.bench.outside import bare_stack, plain_locust, wrk, xadd
from queueproof.bench.subject import Subject, reference
from queueproof.errors import QueueproofError
from queueproof.load.profile import Errand
from queueproof.load.schedule import Stretch
from queueproof.load.target_under_load import TargetUnderLoad

_BRIEF = Errand(does="stream", ticks=1, interval_s=0.0)
_PREDICTION = Errand(does="predict", ticks=1, interval_s=0.0, contracts=("flowise",))
# Streams on both contracts, and blocking predictions where there are any.
_BRIEF_ONES = (_BRIEF, _PREDICTION)
_BRIEF_SUBMIT = Errand(does="submit", ticks=1, interval_s=0.0)
_WAITING = Errand(does="submit", ticks=1, interval_s=30.0)
_LONG = Errand(does="stream", ticks=3000, interval_s=0.0)
_CANCELLED = Errand(does="cancel", ticks=400, interval_s=0.05, after_s=0.05)
_IN_FLIGHT = (10, 100, 500, 1000, 2000)
_READERS = (1, 10, 50, 100, 200)
_WORKERS = (1, 2, 4)
_SUBMITTED_PER_S = 50.0
_STAYS_S = 15.0
_TICK_S = 5.0
_CROSSINGS = 20
# The least build there is: what a submit costs shows, not what its job does.
_NOTHING_TO_BUILD: dict[str, Any] = {"data": {"nodes": [], "edges": []}}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a benchmark was asked for: deployments besides, and how long one measurement lasts."""

    langflow: Subject | None = None
    flowise: Subject | None = None
    seconds: float = 5.0
    largest: int = 2000

    def of(self, contract: str) -> list[Subject]:
        """The reference with as many workers as the documents' examples, and what was named."""
        named = self.langflow if contract == "langflow" else self.flowise
        ours = reference(contract, workers=3 if contract == "langflow" else 2)
        return [ours, *([named] if named else [])]


Part = Callable[[Wanted], Awaitable[list[Row]]]


async def jobs(wanted: Wanted) -> list[Row]:
    """Jobs a second and their latencies, with one client and with eight."""

    async def of(subject: Subject) -> AsyncIterator[Row]:
        errands = [one for one in _BRIEF_ONES if subject.target.contract in one.contracts]
        async with subject.ready(errands) as under_load:
            for which, errand in enumerate(errands):
                alone = _with_one(under_load, which)
                for clients in (1, 8):
                    row = await busy(alone, clients=clients, seconds=wanted.seconds)
                    yield _named(subject, under_load, clients=clients, does=errand.does) | row

    return await _of_each([*wanted.of("langflow"), *wanted.of("flowise")], of)


async def submits(wanted: Wanted) -> list[Row]:
    """Submits a second against the bare stack, and XADD against Redis itself.

    The build has no component, and nobody reads it. What remains of the job is begun and ended
    all the same, by the worker that answers.
    """
    rows = []
    for clients in (1, 8):
        subject = reference("langflow", workers=3)
        async with subject.ready([_BRIEF_SUBMIT]) as prepared:
            under_load = _with_body(prepared, _NOTHING_TO_BUILD)
            rows += await _submits_on(
                under_load, _named(subject, under_load, clients=clients), wanted.seconds
            )
            async with bare_stack(under_load, workers=3) as bare:
                name = {"system": "bare stack, 3 workers", "clients": clients}
                rows += await _submits_on(bare, name, wanted.seconds)
            rows += [
                {"system": "Redis XADD", "clients": clients} | row
                for row in await xadd(under_load.target.redis_url, clients=clients)
            ]
    return rows


async def _submits_on(under_load: TargetUnderLoad, name: Row, seconds: float) -> list[Row]:
    """By our generator, which tells latencies, and by one that costs next to nothing."""
    clients = name["clients"]
    row = await busy(under_load, clients=clients, seconds=seconds)
    rows = [name | {"by": "our locustfile", "requests_per_s": row.pop("jobs_per_s")} | row]
    found = await wrk(under_load, clients=clients, seconds=seconds)
    return rows + [name | {"by": "wrk"} | row for row in found]


def _with_body(under_load: TargetUnderLoad, body: dict[str, Any]) -> TargetUnderLoad:
    templates = tuple(replace(template, body=body) for template in under_load.templates)
    return replace(under_load, templates=templates)


async def workers(wanted: Wanted) -> list[Row]:
    """What more workers bring, and what memory they take."""
    rows = []
    for number in _WORKERS:
        subject = reference("langflow", workers=number)
        async with subject.ready([_BRIEF]) as under_load:
            row = await busy(under_load, clients=16, seconds=wanted.seconds)
            rows.append(_named(subject, under_load, clients=16) | row)
    return rows


async def events(wanted: Wanted) -> list[Row]:
    """Events a second of one job, to one reader."""

    async def of(subject: Subject) -> AsyncIterator[Row]:
        async with subject.ready([_LONG]) as under_load:
            yield _named(subject, under_load) | await busy(under_load, clients=1, seconds=0.5)

    return await _of_each(wanted.of("langflow"), of)


async def cancels(wanted: Wanted) -> list[Row]:
    """From a cancel to the stream's end: of whichever worker, and of another than the job's."""

    async def of(subject: Subject) -> AsyncIterator[Row]:
        async with subject.ready([_CANCELLED]) as under_load:
            row = await busy(under_load, clients=4, seconds=wanted.seconds)
            yield _named(subject, under_load, crossing=False, asked="any worker") | row
            if subject.target.contract == "langflow":
                row = await crossing_cancels(under_load.target, rounds=_CROSSINGS)
                yield _named(subject, under_load, crossing=True, asked="another worker") | row

    return await _of_each([*wanted.of("langflow"), *wanted.of("flowise")], of)


async def _of_each(
    subjects: Sequence[Subject], measure: Callable[[Subject], AsyncIterator[Row]]
) -> list[Row]:
    """Every subject's rows; a real system that gives none spoils nobody else's, and says why."""
    rows: list[Row] = []
    for subject in subjects:
        try:
            rows += [row async for row in measure(subject)]
        except QueueproofError as error:
            if not subject.real:
                raise
            rows.append({"system": subject.name, "why": str(error)})
    return rows


async def in_flight(wanted: Wanted) -> list[Row]:
    """Many jobs at once: how submits fare among them, and what memory they take."""
    rows = []
    for number in (each for each in _IN_FLIGHT if each <= wanted.largest):
        submitting_s = number / _SUBMITTED_PER_S
        ticks = round((submitting_s + _STAYS_S) / _TICK_S)
        errand = Errand(does="stream", ticks=ticks, interval_s=_TICK_S)
        rate = number / submitting_s
        stretch = Stretch(name="filling", lasts_s=submitting_s, rate=rate, to=rate)
        subject = reference("langflow", workers=3)
        async with subject.ready([errand]) as under_load:
            rows.append(
                _named(subject, under_load, wanted=number) | await measured(under_load, [stretch])
            )
    return rows


async def readers(wanted: Wanted) -> list[Row]:
    """One job with many readers: all get all of it, how soon, and at what cost."""
    rows = []
    for number in (each for each in _READERS if each <= wanted.largest):
        errand = Errand(does="stream", ticks=100, interval_s=0.05, readers=number)
        subject = reference("langflow", workers=3)
        async with subject.ready([errand]) as under_load:
            rows.append(
                _named(subject, under_load, readers=number)
                | await busy(under_load, clients=1, seconds=1)
            )
    return rows


async def generator(wanted: Wanted) -> list[Row]:
    """The generator's own limit: our locustfile, plain locust and wrk on the same endpoint."""
    rows: list[Row] = []
    subject = reference("langflow", workers=1)
    async with subject.ready([_WAITING]) as under_load, bare_stack(under_load, workers=1) as bare:
        row = await busy(bare, clients=16, seconds=wanted.seconds)
        ours: dict[str, Any] = {
            "requests_per_s": row["jobs_per_s"],
            "generator_cpu": row["generator_cpu"],
            "generator_ms_a_request": row["generator_ms_a_request"],
            "submit_p99_ms": row["submit_p99_ms"],
        }
        rows.append({"system": "our locustfile", "clients": 16} | ours)
        for name, other in (("plain locust", plain_locust), ("wrk", wrk)):
            found = await other(bare, clients=16, seconds=wanted.seconds)
            rows += [{"system": name, "clients": 16} | row for row in found]
    return rows


PARTS: dict[str, Part] = {
    "jobs": jobs,
    "submits": submits,
    "cancels": cancels,
    "events": events,
    "workers": workers,
    "in-flight": in_flight,
    "readers": readers,
    "generator": generator,
}


def _with_one(under_load: TargetUnderLoad, which: int) -> TargetUnderLoad:
    """The same target with one of its errands."""
    return replace(
        under_load, errands=(under_load.errands[which],), templates=(under_load.templates[which],)
    )


def _named(subject: Subject, under_load: TargetUnderLoad, **how: Any) -> Row:
    name = subject.name if subject.launched else _as_deployed(under_load)
    row = {"system": name, "contract": under_load.target.contract, "real": subject.real}
    return row | how


def _as_deployed(under_load: TargetUnderLoad) -> str:
    """A real system by its name, version and, where the target file tells, workers."""
    name = " ".join(filter(None, (under_load.target.contract.capitalize(), under_load.version)))
    workers = under_load.target.workers
    return f"{name}, {workers} workers" if workers else name
