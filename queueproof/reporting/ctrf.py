"""CTRF: the Common Test Report Format (ctrf.io), JSON that many CI tools and dashboards read.

A test is a case; an outage or a load profile is one too. What failed and a baseline accepts is
skipped. Doubts and errors of ours are `other`, which no tool counts as passed; `rawStatus` has the
verdict itself. A run with another exit code than 0 though no test is red has a test of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from queueproof.reporting import digest
from queueproof.reporting.model import CaseResult, RequirementResult, RunResult
from queueproof.reporting.text import shown, shown_in_line
from queueproof.verdicts import ExitCode, Verdict

SPECIFICATION = "0.0.0"
_STATUS = {
    Verdict.PASSED: "passed",
    Verdict.PASSED_IN_PART: "passed",
    Verdict.FAILED: "failed",
    Verdict.INCONCLUSIVE: "other",
    Verdict.ERROR: "other",
    Verdict.NOT_ASSESSED: "skipped",
}
_STATUSES = ("passed", "failed", "skipped", "pending", "other")
_TEXT_LIMIT = 20_000


def render(result: RunResult) -> str:
    """The JSON document."""
    tests = [*_tests(result)]
    if result.exit_code is not ExitCode.PASSED and not any(map(_is_red, tests)):
        tests.append(_whole(result))
    began = datetime.fromisoformat(result.run.started_at)
    counts = Counter(test["status"] for test in tests)
    document = {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "generatedBy": f"queueproof {result.run.tool_version}",
        "results": {
            "tool": {"name": "queueproof", "version": result.run.tool_version},
            "summary": {
                "tests": len(tests),
                **{status: counts[status] for status in _STATUSES},
                "start": _ms(began),
                "stop": _ms(began + timedelta(seconds=result.run.duration_s)),
            },
            "tests": tests,
            "environment": {
                "appName": digest.subject(result),
                "appVersion": result.target.version or "unknown",
                "extra": {"urls": list(result.target.urls), "seed": result.run.seed},
            },
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _tests(result: RunResult) -> Iterator[dict[str, Any]]:
    for row in result.requirements:
        for case in row.cases:
            yield _test(result, row, case)
    for entry in digest.entries(result):
        verdict = digest.entry_verdict(entry)
        name = shown_in_line(f"{entry.get('id')} {entry.get('title') or ''}".strip())
        yield _filled(
            {"name": name, "status": _STATUS[verdict], "duration": 0},
            rawStatus=verdict.value,
            suite=[result.kind],
            message=shown(str(entry.get("reason") or ""), limit=_TEXT_LIMIT),
        )


def _test(result: RunResult, row: RequirementResult, case: CaseResult) -> dict[str, Any]:
    accepted = result.acceptance_of(case) is not None
    said = f"expected {case.expected}; actual {case.actual}" if case.expected else case.reason
    duration = {"duration": round(case.duration_s * 1000)}
    name = shown_in_line(f"{row.id} {case.title}")
    return _filled(
        {"name": name, "status": "skipped" if accepted else _STATUS[case.verdict], **duration},
        rawStatus=f"{case.verdict.value}, accepted" if accepted else case.verdict.value,
        suite=[shown_in_line(row.area), shown_in_line(row.id)],
        message=shown(said, limit=_TEXT_LIMIT),
        trace=shown("\n".join((*case.trace, case.reproduce)).strip(), limit=_TEXT_LIMIT),
        tags=[row.id, row.level],
        filePath=shown_in_line(case.id.partition("::")[0]),
    )


def _whole(result: RunResult) -> dict[str, Any]:
    message = shown(digest.headline(result))
    return {
        "name": "the run as a whole",
        "status": "other",
        "duration": 0,
        "rawStatus": result.verdict.value,
        "message": message,
    }


def _is_red(test: dict[str, Any]) -> bool:
    return test["status"] in ("failed", "other")


def _filled(test: dict[str, Any], **more: Any) -> dict[str, Any]:
    return test | {name: value for name, value in more.items() if value}


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
