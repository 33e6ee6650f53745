"""SARIF 2.1.0: failures as results of an analysis, for GitHub's code scanning and its like.

A rule is a requirement, a result a case that failed (`error` for a MUST, `warning` for a SHOULD) or
could not be settled (`note`). A result must have a place in a file: it is the case's own. Failures
that a baseline accepts are results with a suppression.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from queueproof.reporting import digest, docs_links
from queueproof.reporting.model import CaseResult, RequirementResult, RunResult
from queueproof.reporting.symptom import symptom_of
from queueproof.reporting.text import shown, shown_in_line
from queueproof.verdicts import Verdict

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_TEXT_LIMIT = 5_000
_TOLD = (Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.ERROR)


def render(result: RunResult) -> str:
    """The JSON document."""
    rows = [row for row in result.requirements if any(case.verdict in _TOLD for case in row.cases)]
    driver = {
        "name": "queueproof",
        "semanticVersion": result.run.tool_version,
        "rules": [_rule(row) for row in rows],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"queueproof/{quote(shown_in_line(digest.subject(result)))}/"},
        "invocations": [
            {
                "executionSuccessful": result.verdict is not Verdict.ERROR,
                "exitCode": int(result.exit_code),
                "startTimeUtc": result.run.started_at,
            }
        ],
        "results": [each for row in rows for each in _results(result, row)],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(row: RequirementResult) -> dict[str, Any]:
    sentence = shown_in_line(row.sentence, limit=_TEXT_LIMIT)
    rule: dict[str, Any] = {
        "id": shown_in_line(row.id),
        "shortDescription": {"text": sentence},
        "fullDescription": {"text": f"{sentence} ({shown_in_line(row.source)})"},
        "help": {"text": f"Promised by {shown_in_line(row.source)}."},
        "defaultConfiguration": {"level": _level(row, Verdict.FAILED)},
        "properties": {"tags": [shown_in_line(row.area), row.level]},
    }
    if link := docs_links.link_to(row):
        rule["helpUri"] = link
    return rule


def _results(result: RunResult, row: RequirementResult) -> Iterator[dict[str, Any]]:
    for case in row.cases:
        if case.verdict in _TOLD:
            accepted = result.acceptance_of(case)
            told = _result(row, case)
            if accepted is not None:
                reason = shown(accepted.reason, limit=_TEXT_LIMIT)
                told["suppressions"] = [{"kind": "external", "justification": reason}]
            yield told


def _result(row: RequirementResult, case: CaseResult) -> dict[str, Any]:
    said = f"expected {case.expected}; actual {case.actual}" if case.expected else case.reason
    text = f"{row.id} {case.verdict.words}: {said}\nReproduce: {case.reproduce}"
    uri = quote(shown_in_line(case.id.partition("::")[0]))
    return {
        "ruleId": shown_in_line(row.id),
        "level": _level(row, case.verdict),
        "message": {"text": shown(text, limit=_TEXT_LIMIT)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri or "unknown"},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [{"fullyQualifiedName": shown_in_line(case.id)}],
            }
        ],
        "partialFingerprints": {
            "case/v1": shown_in_line(f"{case.id} {symptom_of(case)}", limit=_TEXT_LIMIT)
        },
    }


def _level(row: RequirementResult, verdict: Verdict) -> str:
    if verdict is not Verdict.FAILED:
        return "note"
    return "error" if row.level == "MUST" else "warning"
