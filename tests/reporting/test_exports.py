"""Reports for other tools: CTRF and SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from queueproof.cli.main import app
from queueproof.reporting import ctrf, json_report, sarif
from queueproof.reporting.model import RunResult
from queueproof.verdicts import ExitCode, Verdict

from . import outage_samples, samples

SAMPLES = (
    *(samples.every_verdict, samples.passing, samples.hostile, outage_samples.chaos, samples.load),
    *(samples.with_baseline, samples.cut_short),
)
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)
#: From ctrf.io's schema: what a test may hold, and of what type.
CTRF_TEST = {
    "name": str,
    "status": str,
    "duration": int,
    "suite": list,
    "message": str,
    "trace": str,
    "rawStatus": str,
    "tags": list,
    "filePath": str,
}


def results(sample: Callable[[], RunResult]) -> dict[str, Any]:
    document = json.loads(ctrf.render(sample()))
    assert (document["reportFormat"], document["specVersion"]) == ("CTRF", "0.0.0")
    found: dict[str, Any] = document["results"]
    return found


@each_sample
def test_ctrf_has_what_its_schema_demands(sample: Callable[[], RunResult]) -> None:
    found = results(sample)
    summary, tests = found["summary"], found["tests"]

    assert found["tool"]["name"] == "queueproof"
    assert summary["tests"] == len(tests)
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[status] == sum(test["status"] == status for test in tests)
    assert summary["start"] <= summary["stop"]
    for test in tests:
        assert {"name", "status", "duration"} <= test.keys() <= CTRF_TEST.keys()
        assert all(isinstance(value, CTRF_TEST[name]) for name, value in test.items())
        assert test["name"]


@each_sample
def test_no_run_looks_better_in_ctrf_than_it_is(sample: Callable[[], RunResult]) -> None:
    """Whatever the exit code, but 0, some test is red; and never with 0."""
    red = any(test["status"] in ("failed", "other") for test in results(sample)["tests"])

    assert red == (sample().exit_code is not ExitCode.PASSED)


def test_a_ctrf_test_says_what_happened() -> None:
    [failed] = [t for t in results(samples.every_verdict)["tests"] if t["status"] == "failed"]

    assert failed["suite"] == ["polling", "POLL-003"]
    assert failed["message"].startswith("expected ticks 0..11 once each, in order; actual 21")
    assert "poll via b" in failed["trace"]
    assert failed["filePath"] == "suites/polling/test_poll_003.py"


@each_sample
def test_sarif_has_what_code_scanning_demands(sample: Callable[[], RunResult]) -> None:
    """Rules for all results, a place in a file for each, nothing of what passed."""
    document = json.loads(sarif.render(sample()))
    [run] = document["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}

    assert document["version"] == "2.1.0"
    assert {each["ruleId"] for each in run["results"]} <= rules
    for each in run["results"]:
        assert each["level"] in ("error", "warning", "note")
        assert each["message"]["text"]
        [place] = each["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"]
        assert place["physicalLocation"]["region"]["startLine"] == 1
        assert each["partialFingerprints"]
    told = [c for row in sample().requirements for c in row.cases if c.verdict in sarif._TOLD]
    assert len(run["results"]) == len(told)


def test_sarif_tells_grave_from_less_and_what_is_accepted() -> None:
    must = samples.row("POLL-001", samples.case("POLL-001", Verdict.FAILED))
    should = samples.row("POLL-003", samples.case("POLL-003", Verdict.FAILED), level="SHOULD")
    doubt = samples.row("POLL-004", samples.case("POLL-004", Verdict.INCONCLUSIVE))
    [run] = json.loads(sarif.render(samples.result(must, should, doubt)))["runs"]
    assert [each["level"] for each in run["results"]] == ["error", "warning", "note"]

    [run] = json.loads(sarif.render(samples.with_baseline()))["runs"]
    suppressed = [each["ruleId"] for each in run["results"] if "suppressions" in each]
    assert suppressed == ["POLL-003"]


def test_a_report_is_exported_by_a_command(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json_report.render(samples.every_verdict()), "utf-8")
    for form, key in (("ctrf", "reportFormat"), ("sarif", "runs")):
        done = CliRunner().invoke(app, ["report", "export", str(path), "--format", form])
        assert key in json.loads(done.output)
