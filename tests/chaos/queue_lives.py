"""What became of a queue's jobs in an outage, made by hand: lives of jobs, and what they met."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from queueproof.checkers.outage_history import JobHistory, OutageHistory, ReaderHistory
from queueproof.history import Event, EventKind, Operation, Outcome

A, B = "worker a", "worker b"
TIMINGS = {"answer_s": 1.0, "recovery_s": 10.0}
PROMISES = {"redelivery_s": 8.0, "stop": "drain", "stop_s": 20.0, "delay_late_s": 2.0}


def operation(kind: str, at_s: float, job: str | None = None, **facts: Any) -> Operation:
    return Operation(
        number=0,
        case="c",
        kind=kind,
        job=job,
        worker="a",
        invoked_s=at_s,
        ended_s=at_s,
        outcome=Outcome.OK,
        status=202,
        facts=facts,
    )


def reading(kind: EventKind | None, at_s: float, *, again: bool = False) -> ReaderHistory:
    events = (Event(kind, at_s),) if kind else ()
    ended = "clean" if kind else "open"
    return ReaderHistory(
        kind="poll",
        via="",
        began_s=1.0,
        ended_s=at_s,
        events=events,
        ended=ended,
        status=200,
        again=again,
    )


def life(
    job: str = "j",
    *,
    ticks: list[tuple[int, float]],
    told: EventKind | None = None,
    told_s: float = 30.0,
    worker: str = A,
    planned: int = 4,
    again: tuple[ReaderHistory, ...] = (),
    delay_s: float = 0.0,
    cancelled: bool = False,
) -> JobHistory:
    return JobHistory(
        errand=0,
        key=job,
        submit=replace(operation("submit", 1.0, job), asked={"delay_s": delay_s}),
        cancels=(operation("cancel", 5.5, job),) if cancelled else (),
        planned=planned,
        lasts_s=4.0,
        readings=(reading(told, told_s), *again),
        work=tuple(Event(EventKind.TICK, at_s, tick=tick) for tick, at_s in ticks),
        hosts=frozenset({"a", worker} if worker else {"a", A, B}),
    )


def outage(
    *lives: JobHistory, struck: tuple[str, ...] = (A,), ended_s: float = 60.0, **more: Any
) -> OutageHistory:
    traits = {
        "costs": "jobs",
        "struck": struck,
        "everybody": ["a", A, B],
        "crew": [A, B],
        "promises": PROMISES,
        **more,
    }
    return OutageHistory(
        operations=tuple(one.submit for one in lives),
        jobs=lives,
        timings=TIMINGS,
        traits=traits,
        applied_s=5.0,
        holds_s=5.1,
        released_s=7.0,
        healed_s=7.5,
        whole_s=12.0,
        ended_s=ended_s,
    )


BEGUN = [(0, 3.0), (1, 4.0)]
ALL = [(0, 3.0), (1, 4.0), (2, 6.0), (3, 8.0)]
RUN_AGAIN = [*BEGUN, (0, 9.0), (1, 10.0), (2, 11.0), (3, 12.0)]
