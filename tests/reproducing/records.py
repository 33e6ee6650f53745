"""Failures as queueproof recorded them on Langflow 1.13.0 and Flowise 3.1.2, each in a result."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from queueproof.reporting.model import CaseResult, RequirementResult, RunInfo, RunResult, TargetInfo
from queueproof.reproducing.report import BugReport, bug_report
from queueproof.verdicts import ExitCode, Verdict

Records = dict[str, list[dict[str, Any]]]


def _read(name: str) -> Records:
    records: Records = json.loads((Path(__file__).parent / name).read_text("utf-8"))
    return records


RECORDS = _read("langflow_1_13.json")
ON_FLOWISE = _read("flowise_3_1.json")
ON_ANY_QUEUE = _read("generic_reference.json")
MAPPED = ON_ANY_QUEUE.pop("mapping")


def result_of(requirement: str, records: Records = RECORDS, **changes: Any) -> RunResult:
    """A gate run whose only case is the recorded one."""
    rows = records[requirement]
    case = CaseResult(
        id=rows[0]["case"],
        requirement=requirement,
        title="as recorded",
        verdict=Verdict.FAILED,
        duration_s=1.0,
        expected="every tick once",
        actual='12 duplicated """ \\',
        reproduce=f"queueproof gate --only {requirement}",
    )
    row = RequirementResult(
        id=requirement,
        level="MUST",
        area="polling",
        sentence='Every event once """ and in order.',
        source="the document",
        access="http",
        cases=(case,),
    )
    run = RunInfo(
        id="r1",
        started_at="2026-11-22T01:04:05Z",
        duration_s=1.0,
        command="queueproof gate",
        seed=1,
        tool_version="0.1.0",
        python="3.11.7",
    )
    target = TargetInfo(
        contract="langflow",
        urls=("http://127.0.0.1:7860",),
        version="1.13.0",
        workers=("a", "b", "c"),
        timings={"stream_ttl_s": 8.0},
        access=("http",),
    )
    return replace(
        RunResult(
            kind="gate",
            run=run,
            target=target,
            verdict=Verdict.FAILED,
            exit_code=ExitCode.FAILED,
            requirements=(row,),
        ),
        **changes,
    )


def report_on(requirement: str) -> BugReport:
    """The bug report on one of the records."""
    return bug_report(result_of(requirement), RECORDS[requirement], requirement)


def flowise_report_on(requirement: str) -> BugReport:
    """The same on one of Flowise's."""
    result = result_of(requirement, ON_FLOWISE)
    target = replace(
        result.target, contract="flowise", version="3.1.2", urls=("http://127.0.0.1:3000",)
    )
    return bug_report(replace(result, target=target), ON_FLOWISE[requirement], requirement)


def queue_report_on(
    requirement: str, rows: list[dict[str, Any]] | None = None, **changes: Any
) -> BugReport:
    """The same on one of the generic reference's, or on such `rows`, by the mapping that its run
    has set down; `changes` are the requirement's.
    """
    result = result_of(requirement, ON_ANY_QUEUE)
    row = replace(result.requirements[0], **changes)
    result = replace(result, requirements=(row,))
    target = replace(
        result.target,
        contract="generic",
        version=None,
        urls=("http://127.0.0.1:8001",),
        timings={"cancel_effect_s": 1.5},
    )
    rows = [*MAPPED, *(rows or ON_ANY_QUEUE[requirement])]
    return bug_report(replace(result, target=target), rows, requirement)
