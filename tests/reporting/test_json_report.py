"""report.json: valid against its schema, readable again, and refused when it lies."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from queueproof.errors import HarnessError, UsageError
from queueproof.reporting import json_report
from queueproof.reporting.model import (
    CaseResult,
    Coverage,
    RequirementResult,
    RunInfo,
    RunResult,
    TargetInfo,
)

from . import outage_samples, samples
from .test_golden import SAMPLES

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)


def document(result: RunResult) -> dict[str, Any]:
    """The parsed report."""
    parsed: dict[str, Any] = json.loads(json_report.render(result))
    return parsed


def stored(folder: Path, text: str) -> Path:
    """A file with `text`, as the reports are stored."""
    path = folder / "report.json"
    path.write_bytes(text.encode("utf-8", "backslashreplace"))
    return path


def test_the_schema_is_a_valid_schema() -> None:
    """It follows draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(json_report.schema())


@each_sample
def test_every_report_is_valid(sample: Callable[[], RunResult]) -> None:
    """Every kind and verdict validates against the published schema."""
    jsonschema.Draft202012Validator(json_report.schema()).validate(document(sample()))


@each_sample
def test_what_was_written_reads_back_equal(sample: Callable[[], RunResult], tmp_path: Path) -> None:
    """Nothing is lost or altered on the way through the file, unpaired surrogates included."""
    result = sample()
    assert json_report.load(stored(tmp_path, json_report.render(result))) == result


@pytest.mark.parametrize(
    ("definition", "model", "derived"),
    [
        ("run", RunInfo, set()),
        ("target", TargetInfo, set()),
        ("requirement", RequirementResult, {"verdict"}),
        ("case", CaseResult, set()),
        ("coverage", Coverage, set()),
    ],
)
def test_the_schema_knows_every_field_of_the_model(
    definition: str, model: type, derived: set[str]
) -> None:
    """A field added to the model must be added to the schema, and the other way round.

    A row has a promise only where the target's own declaration decides, a case wrong operations
    only where they are known, and a log only where a target was launched that printed something.
    """
    described = json_report.schema()["$defs"][definition]
    names = {item.name for item in fields(model)} | derived
    assert set(described["properties"]) == names
    assert set(described["required"]) == names - {"promise", "wrong_operations", "log"}


def test_the_summary_counts_requirements_by_verdict_and_level() -> None:
    """`counts` is the sum of `must` and `should`."""
    summary = document(samples.every_verdict())["summary"]
    assert summary["verdict"] == "error"
    assert summary["exit_code"] == 5
    assert summary["counts"] == {
        "not_assessed": 2,
        "passed_in_part": 1,
        "passed": 1,
        "inconclusive": 1,
        "failed": 1,
        "error": 1,
    }
    both = {name: summary["must"][name] + summary["should"][name] for name in summary["counts"]}
    assert both == summary["counts"]


def test_the_summary_says_the_share_that_was_judged() -> None:
    """Of how many, how many got a verdict, and how many of these in part."""
    summary = document(samples.every_verdict())["summary"]
    assert summary["assessed"] == {"of": 7, "judged": 5, "in_part": 1}


def test_a_report_of_schema_1_0_is_read_with_what_passed_in_part_told_apart(tmp_path: Path) -> None:
    """What an older queueproof counted as passed, though a case was not asked, no longer is."""
    old = _as_version_1_0(document(samples.every_verdict()))
    path = tmp_path / "report.json"
    path.write_text(json.dumps(old), encoding="utf-8")

    assert json_report.load(path) == replace(
        samples.every_verdict(), run=json_report.load(path).run
    )

    old["requirements"][0]["verdict"] = "failed"
    path.write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(UsageError, match="contradicts itself"):
        json_report.load(path)


def _as_version_1_0(document: dict[str, Any]) -> dict[str, Any]:
    """The document as it was written before there was `passed_in_part`."""
    summary = {key: value for key, value in document["summary"].items() if key != "assessed"}
    for name in ("counts", "must", "should"):
        counts = dict(summary[name])
        counts["passed"] += counts.pop("passed_in_part")
        summary[name] = counts
    rows = [
        {**row, "verdict": "passed" if row["verdict"] == "passed_in_part" else row["verdict"]}
        for row in document["requirements"]
    ]
    return {**document, "schema_version": "1.0", "summary": summary, "requirements": rows}


def test_only_a_report_of_the_kind_has_scenarios_or_profiles() -> None:
    """A gate report has neither, a chaos report scenarios, a load report profiles."""
    assert not {"scenarios", "profiles"} & set(document(samples.passing()))
    assert "scenarios" in document(outage_samples.chaos())
    assert "profiles" in document(samples.load())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"schema_version": "9.0"}, "schema 1.1"),
        ({"surprise": 1}, "surprise"),
        ({"kind": "unheard-of"}, "unheard-of"),
    ],
)
def test_a_foreign_document_is_refused(
    change: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    """The refusal is one line that says what is wrong."""
    path = stored(tmp_path, json.dumps(document(samples.passing()) | change))
    with pytest.raises(UsageError, match=complaint) as refusal:
        json_report.load(path)
    assert "\n" not in str(refusal.value)


def test_a_report_whose_verdicts_do_not_follow_from_its_cases_is_refused(tmp_path: Path) -> None:
    """Whoever edits a failed row into a passed one is found out."""
    edited = document(samples.every_verdict())
    edited["requirements"][1]["verdict"] = "passed"
    with pytest.raises(UsageError, match="contradicts itself"):
        json_report.load(stored(tmp_path, json.dumps(edited)))


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\x00", "<html></html>"])
def test_what_is_no_report_is_refused(content: str, tmp_path: Path) -> None:
    """Anything else in the file is a usage error, never a traceback."""
    with pytest.raises(UsageError):
        json_report.load(stored(tmp_path, content))


def test_a_missing_report_is_a_usage_error(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(UsageError, match="absent"):
        json_report.load(tmp_path / "absent.json")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_cannot_express_is_our_error(value: object) -> None:
    """No report is written that other readers could not parse."""
    profile = {"id": "steady", "verdict": "passed", "p99_ms": value}
    with pytest.raises(HarnessError, match="cannot be expressed"):
        json_report.render(samples.result(*samples.passing().requirements, profiles=(profile,)))
