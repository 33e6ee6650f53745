"""A failed case says which operation was wrong first, also where the trace is cut."""

from __future__ import annotations

from queueproof.errors import Violation
from queueproof.history import Event, EventKind, History, Operation
from queueproof.reporting import json_report
from queueproof.reporting.model import CaseResult
from queueproof.running.marks import CaseMark
from queueproof.running.outcome import result_of
from queueproof.running.strain import Strain

from ..reporting import samples

CASE = "suites/x.py::test_x"


def polls(number: int) -> History:
    history = History()
    for at in range(number):
        event = Event(kind=EventKind.TICK, at_s=float(at), tick=at)
        history.operations.append(
            Operation(
                number=100 + at,
                case=CASE,
                kind="poll",
                job="j",
                worker="a",
                invoked_s=float(at),
                ended_s=at + 0.5,
                events=[event],
            )
        )
    return history


def failed_at(history: History, at: int) -> CaseResult:
    wrong = history.operations[at].events[0]
    return result_of(
        case_id=CASE,
        title="title",
        mark=CaseMark(requirement="POLL-003"),
        error=Violation(expected="this", actual="that", job_ids=("j",), events=(wrong,)),
        duration_s=1.0,
        strain=Strain(),
        history=history,
        reproduce="",
    )


def test_the_operation_is_marked_in_the_trace() -> None:
    result = failed_at(polls(40), 20)

    assert result.wrong_operations == (120,)
    [marked] = [line for line in result.trace if "wrong here first" in line]
    assert "ticks 20" in marked
    left_out = [line for line in result.trace if "more operations" in line]
    assert left_out == ["        … 12 more operations", "        … 11 more operations"]
    assert len(result.trace) == 16 + 1 + 2


def test_a_short_trace_is_whole() -> None:
    result = failed_at(polls(5), 4)

    assert len(result.trace) == 5
    assert result.trace[4].endswith("wrong here first")


def test_a_report_keeps_it_and_one_without_it_is_read() -> None:
    case = samples.case("POLL-003", failed_at(polls(1), 0).verdict, wrong_operations=(7,))
    whole = samples.result(samples.row("POLL-003", case))

    assert '"wrong_operations"' in json_report.render(whole)
    assert '"wrong_operations"' not in json_report.render(samples.every_verdict())
