"""What became of each requirement from run to run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from queueproof.cli.main import app
from queueproof.reporting import json_report, trend
from queueproof.reporting.model import RunResult
from queueproof.verdicts import Verdict

from . import samples

LETTERS = {"p": Verdict.PASSED, "f": Verdict.FAILED, "i": Verdict.INCONCLUSIVE}


def run(number: int, letter: str, *, version: str = "1.13.0") -> RunResult:
    case = samples.case("POLL-003", LETTERS[letter])
    return samples.result(
        samples.row("POLL-003", case),
        samples.row("POLL-001", samples.case("POLL-001", Verdict.PASSED)),
        run=samples.run(id=f"run-{number}", started_at=f"2026-11-22T01:{number:02}:05Z"),
        target=samples.target(version=version),
    )


def word(letters: str, versions: str = "") -> str:
    runs = [
        run(number, letter, version=versions[number] if versions else "1.13.0")
        for number, letter in enumerate(letters)
    ]
    found = trend.courses(runs)
    return found[0].word if found else ""


@pytest.mark.parametrize(
    ("letters", "wanted"),
    [
        ("ppp", ""),
        ("ppf", "broken"),
        ("pff", "broken"),
        ("ffp", "fixed"),
        ("fff", "still failing"),
        ("pfp", "flaky"),
        ("fpf", "flaky"),
        ("pif", "broken"),
        ("iii", ""),
        ("pipip", ""),
    ],
)
def test_each_course_has_a_word(letters: str, wanted: str) -> None:
    """What could not be settled changes nothing."""
    assert word(letters) == wanted


def test_what_changes_with_the_version_is_not_flaky() -> None:
    """Each version says the same each time."""
    assert word("pfp", "121") == "fixed"
    assert word("pfpf", "1212") == "broken"
    assert word("pfpf", "1112") == "flaky"


def test_runs_are_told_in_their_order(tmp_path: Path) -> None:
    """By when they began, wherever they lie; broken or flaky is exit 1."""
    for number, letter in ((2, "p"), (0, "p"), (1, "f")):
        folder = tmp_path / f"r{9 - number}"
        folder.mkdir()
        (folder / "report.json").write_text(json_report.render(run(number, letter)), "utf-8")

    told = CliRunner().invoke(app, ["report", "history", str(tmp_path), "--format", "json"])
    assert told.exit_code == 1
    assert json.loads(told.output) == [
        {
            "id": "POLL-003",
            "in a word": "flaky",
            "runs": "✓✗✓",
            "requirement": samples.row("POLL-003").sentence,
        }
    ]
    page = CliRunner().invoke(app, ["report", "history", str(tmp_path), "--format", "md"]).output
    assert page.index("run-0") < page.index("run-1") < page.index("run-2")
    assert CliRunner().invoke(app, ["report", "history", str(tmp_path / "r9")]).exit_code == 0
