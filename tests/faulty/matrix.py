"""The proof as a report: requirements with the variants that speak for them, and the matrix.

A requirement's cases are the variants that had to fail it, and those that failed it although
they must not. It passes when all of that is as it has to be.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from queueproof import __version__
from queueproof.reporting.model import (
    CaseResult,
    RequirementResult,
    RunInfo,
    RunResult,
    TargetInfo,
)
from queueproof.requirements import Requirement
from queueproof.requirements.registry import Registry
from queueproof.running.run_folder import row_of
from queueproof.verdicts import Verdict, exit_code_for, worst
from tests.faulty.catalogue import Kind
from tests.faulty.judging import Judgement

COMMAND = "python -m tests.faulty"


def run_info(*, started: datetime, duration_s: float, command: str, seed: int) -> RunInfo:
    """How the proof came to be."""
    return RunInfo(
        id=started.strftime("%Y%m%d-%H%M%S"),
        started_at=started.isoformat(timespec="seconds"),
        duration_s=round(duration_s, 2),
        command=command,
        seed=seed,
        tool_version=__version__,
        python=platform.python_version(),
    )


def result_of(
    judgements: Sequence[Judgement],
    *,
    registry: Registry,
    contract: str,
    run: RunInfo,
    unbreakable: Mapping[str, str],
    without: Iterable[str] = (),
    whole: bool = True,
    unproven_cases: tuple[str, ...] = (),
) -> RunResult:
    """The proof; `without` are the requirements that lack a variant, `unproven_cases` the cases.

    When not the `whole` of the variants was played, only the rows they concern are told.
    """
    lacking = frozenset(without)
    rows = tuple(
        _row(
            requirement, judgements, unbreakable.get(requirement.id, ""), requirement.id in lacking
        )
        for requirement in registry
    )
    if not whole:
        rows = tuple(row for row in rows if row.cases)
    stale = sorted(
        id_ for id_ in unbreakable if any(id_ in told.variant.fails for told in judgements)
    )
    verdicts = [row.verdict for row in rows] + [told.verdict for told in judgements]
    verdict = worst([*verdicts, *([Verdict.FAILED] if stale or unproven_cases else [])])
    return RunResult(
        kind="faulty",
        run=run,
        target=TargetInfo(
            contract=contract,
            urls=("variants of the embedded reference",),
            version=None,
            workers=(),
            timings={},
            access=(),
        ),
        verdict=verdict,
        exit_code=exit_code_for(verdict),
        requirements=rows,
        variants=tuple(_entry(judgement) for judgement in judgements),
        unproven_cases=unproven_cases,
    )


def _row(
    requirement: Requirement, judgements: Sequence[Judgement], excuse: str, lacking: bool
) -> RequirementResult:
    cases = [case for told in judgements for case in _cases(requirement.id, told)]
    if lacking:
        cases.append(
            CaseResult(
                id="no variant",
                requirement=requirement.id,
                title="A requirement that nothing breaks is not known to be judged",
                verdict=Verdict.FAILED,
                duration_s=0.0,
                expected="a broken variant that fails this requirement, or a reason in unbreakable",
                actual="neither",
            )
        )
    reason = excuse or ("" if cases else "none of the variants that were played concerns it")
    return row_of(requirement, cases, reason=reason)


def _cases(requirement_id: str, told: Judgement) -> Iterable[CaseResult]:
    variant, played = told.variant, told.played
    wrong = requirement_id in told.unjust | told.unsettled
    if not wrong and requirement_id not in variant.fails:
        return
    got = played.verdicts.get(requirement_id, Verdict.NOT_ASSESSED)
    seen = played.actuals.get(requirement_id, "")
    as_expected = got is Verdict.FAILED and not wrong
    yield CaseResult(
        id=variant.label,
        requirement=requirement_id,
        title=variant.incident,
        verdict=Verdict.PASSED if as_expected else Verdict.FAILED,
        duration_s=played.duration_s,
        expected=f"{'passed' if wrong else 'failed'} on this {variant.kind.value} variant",
        actual=f"{got.words}: {seen or told.reason}",
        reproduce=f"{COMMAND} --only {variant.name}",
    )


def _entry(told: Judgement) -> dict[str, Any]:
    variant, played = told.variant, told.played
    return {
        "id": variant.label,
        "kind": variant.kind.value,
        "incident": variant.incident,
        "verdict": told.verdict.value,
        "reason": told.reason,
        "must_fail": sorted(variant.fails) if variant.kind is Kind.FAULTY else [],
        "left_open_before": sorted(played.left_open),
        "believed_by": sorted(told.credulous),
        "verdicts": {id_: given.value for id_, given in played.verdicts.items()},
        "duration_s": round(played.duration_s, 3),
    }
