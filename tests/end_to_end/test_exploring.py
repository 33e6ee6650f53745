"""`queueproof explore` and `gate --repeat` as their users run them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from queueproof.exploring.exploration import Exploration, run_explore
from queueproof.exploring.explorer import Explorer
from queueproof.exploring.replaying import config_of
from queueproof.exploring.saving import Where
from queueproof.reporting.json_report import schema
from tests.preforked import preforked

from .conftest import Reference, clean_environment, run_gate


def explore(*arguments: str, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Explore to the end."""
    return preforked().run(
        ["explore", *arguments, "--out", str(out)],
        environment={**clean_environment(), **environment},
        timeout_s=180,
    )


def test_the_reference_withstands_schedules_nobody_wrote(
    reference: Reference, tmp_path: Path
) -> None:
    """Nothing is found at a URL; the report follows the schema and says the seed."""
    done = explore(
        reference.url, "--duration", "6s", "--seed", "7", out=tmp_path, **reference.known
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 7" in done.stdout
    [path] = tmp_path.glob("*/report.json")
    report = json.loads(path.read_text("utf-8"))
    jsonschema.validate(report, schema())
    assert (report["kind"], report["run"]["seed"]) == ("explore", 7)
    assert {"POLL-003", "STRM-005"} & {row["id"] for row in report["requirements"]}


def test_a_replay_of_something_else_is_refused(tmp_path: Path) -> None:
    """One line, exit code 2."""
    other = tmp_path / "test_other.py"
    other.write_text("x = 1\n", "utf-8")

    done = explore("--replay", str(other), out=tmp_path)

    assert done.returncode == 2
    assert "not a file that `queueproof explore` saved" in done.stderr


def test_a_repeated_gate_counts_and_bounds_deviations(tmp_path: Path) -> None:
    """Two runs, two reports, and one over both."""
    run = run_gate("--repeat", "2", "--only", "POLL-007", out=tmp_path)

    assert run.exit_code == 0, run.output
    jsonschema.validate(run.report, schema())
    [row] = run.report["requirements"]
    assert "0 of 2 runs deviated; at most 77.64%" in row["cases"][0]["title"]
    assert run.report["kind"] == "repeat"
    assert len(list(tmp_path.glob("*/run-00?/report.json"))) == 2


def test_an_error_of_ours_leaves_the_report_of_what_was_seen(
    reference: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the exit code's, too."""
    for name, value in reference.known.items():
        monkeypatch.setenv(name, value)

    async def explored(explorer: Explorer, **_: Any) -> None:
        explorer.tally.judged["POLL-003"] = 7
        raise ZeroDivisionError("a thought too many")

    monkeypatch.setattr(Explorer, "run", explored)
    where = Where(contract="langflow", urls=(reference.url,))
    exploration = Exploration(
        config=replace(config_of(where), out=tmp_path), where=where, minutes=1.0, at_once=1
    )

    with pytest.raises(ZeroDivisionError):
        run_explore(exploration, Console())

    [path] = tmp_path.glob("*/report.json")
    report = json.loads(path.read_text("utf-8"))
    assert report["summary"]["verdict"] == "error"
    assert "ZeroDivisionError: a thought too many" in report["run"]["interrupted"]
    assert [row["id"] for row in report["requirements"]] == ["POLL-003"]
    assert path.with_name("report.html").exists()
