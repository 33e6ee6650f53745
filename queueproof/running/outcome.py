"""From what a case raised to its result, with the evidence that goes with it."""

from __future__ import annotations

from queueproof.errors import (
    CaseOutcome,
    QueueproofError,
    TargetUnreachable,
    Violation,
    describe_own_error,
)
from queueproof.history import History
from queueproof.reporting.model import CaseResult
from queueproof.running.marks import CaseMark
from queueproof.running.strain import Strain
from queueproof.running.trace import trace_lines
from queueproof.verdicts import Verdict


def result_of(
    *,
    case_id: str,
    title: str,
    mark: CaseMark,
    error: BaseException | None,
    duration_s: float,
    strain: Strain,
    history: History,
    reproduce: str,
) -> CaseResult:
    """One case's result.

    A violation seen while the harness was starved or the target swamped accuses nobody: the
    case is inconclusive then.
    """
    verdict = _verdict(error)
    reason = "" if error is None else _reason(error)
    strained = verdict is Verdict.FAILED and strain.severe
    violation = error if isinstance(error, Violation) else None
    if strained:
        verdict = Verdict.INCONCLUSIVE
        reason = f"{strain} while it saw: {reason}"
    telling = verdict not in (Verdict.PASSED, Verdict.NOT_ASSESSED)
    jobs = violation.job_ids if violation else ()
    wrong = _wrong_operations(history, case_id, violation.events) if violation else ()
    return CaseResult(
        id=case_id,
        requirement=mark.requirement,
        title=title,
        verdict=verdict,
        duration_s=round(duration_s, 3),
        alone=mark.alone,
        reason="" if violation and not strained else reason,
        expected=violation.expected if violation else "",
        actual=violation.actual if violation else "",
        trace=_trace(history, case_id, wrong) if telling else (),
        wrong_operations=wrong,
        log=violation.printed if violation else (),
        history_refs=tuple(f"history.jsonl.gz#job={job}" for job in jobs),
        reproduce=reproduce if telling else "",
    )


def _verdict(error: BaseException | None) -> Verdict:
    if error is None:
        return Verdict.PASSED
    if isinstance(error, CaseOutcome):
        return error.verdict
    return Verdict.ERROR


def seen_through(error: Violation, front: str) -> Violation:
    """The same violation, naming what is known to stand in front of the target, if anything is.

    In parentheses, which are no part of a symptom (`reporting/symptom.py`).
    """
    if not front:
        return error
    error.actual += f" (seen through {front}: judge a worker's own address to tell which it is)"
    return error


def words_of(error: BaseException) -> str:
    """An exception that ended a case, as the account of several looks tells it."""
    verdict = _verdict(error)
    return f"{'it saw' if verdict is Verdict.FAILED else verdict.words}: {_reason(error)}"


def _reason(error: BaseException) -> str:
    if isinstance(error, TargetUnreachable):
        return f"target unreachable: {error}"
    if isinstance(error, QueueproofError):
        return str(error)
    return describe_own_error(error)


def _wrong_operations(
    history: History, case_id: str, events: tuple[object, ...]
) -> tuple[int, ...]:
    """The numbers of the operations that brought these events."""
    return tuple(
        operation.number
        for operation in history.of_case(case_id)
        if any(event is each for event in operation.events for each in events)
    )


def _trace(history: History, case_id: str, wrong: tuple[int, ...]) -> tuple[str, ...]:
    operations = history.of_case(case_id)
    return trace_lines(operations, is_wrong=lambda each: each.number in wrong)
