"""`queueproof report …` as a user runs it: what is written where, and how it exits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from queueproof.cli.main import app
from queueproof.errors import QueueproofError
from queueproof.reporting import json_report, published, write_all
from queueproof.reporting.model import RunResult
from queueproof.reporting.timeline import read_history

from . import samples
from .test_timeline import operation, write_history


def run(*arguments: str | Path) -> Result:
    """`queueproof report` with these arguments."""
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def kept(folder: Path, result: RunResult) -> Path:
    """A run's folder with its history."""
    folder.mkdir()
    write_history(folder / "history.jsonl.gz", [operation(n) for n in range(3)])
    write_all(result, folder)
    return folder


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return kept(tmp_path / "old", samples.passing())


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return kept(tmp_path / "new", samples.every_verdict())


def test_diff_exits_with_1_when_something_broke(old: Path, new: Path, tmp_path: Path) -> None:
    """And with 0 when nothing did; a folder stands for its report.json."""
    broke = run("diff", old, new / "report.json")
    assert (broke.exit_code, "failing, not judged before (1)" in broke.output) == (1, True)
    assert run("diff", new, old).exit_code == 0
    page = tmp_path / "diff.html"
    assert run("diff", old, new, "--format", "html", "--out", page).exit_code == 1
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_merge_writes_one_report_and_exits_as_it_does(old: Path, new: Path, tmp_path: Path) -> None:
    """The histories are merged too."""
    done = run("merge", old, new, "--out", tmp_path / "both")
    result = json_report.load(tmp_path / "both" / "report.json")
    assert done.exit_code == int(result.exit_code) == 5
    assert len(read_history(tmp_path / "both" / "history.jsonl.gz")) == 6


def test_render_writes_every_format_anew(new: Path, tmp_path: Path) -> None:
    """From a report.json alone, timelines included where the history lies beside it."""
    assert run("render", new, "--out", tmp_path / "again").exit_code == 0
    again = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert again == {path.name: path.read_bytes() for path in new.iterdir()}


def test_a_baseline_of_a_run_accepts_that_run(new: Path, tmp_path: Path) -> None:
    """And nothing without a reason."""
    path = tmp_path / "known.toml"
    made = run("baseline", new, "--reason", "known since 1.10", "--out", path)
    assert made.exit_code == 0
    assert 'id = "POLL-003"' in path.read_text("utf-8")
    assert run("baseline", new).exit_code == 2


def test_a_badge_is_printed_or_written(new: Path, tmp_path: Path) -> None:
    """SVG or JSON."""
    assert run("badge", new).output.startswith("<svg")
    run("badge", new, "--format", "json", "--out", tmp_path / "b.json")
    assert json.loads((tmp_path / "b.json").read_text("utf-8"))["label"] == "queueproof langflow"


def test_a_published_report_names_no_folder_of_the_machine(tmp_path: Path) -> None:
    """Nor do its other formats; the README and the matrix list it."""
    command = "queueproof gate --config /home/someone/secret-place/lf13.toml"
    failed = samples.every_verdict()
    result = replace(failed, run=samples.run(command=command))
    folder = kept(tmp_path / "run", result)
    to = tmp_path / "published"
    assert run("publish", folder, "--name", "langflow-1.13.0", "--to", to).exit_code == 0
    for path in (to / "langflow-1.13.0").iterdir():
        assert b"/home/someone" not in path.read_bytes()
    assert json_report.load(to / "langflow-1.13.0" / "report.json").run.command == (
        "queueproof gate --config lf13.toml"
    )
    assert "[langflow-1.13.0](langflow-1.13.0/summary.md)" in (to / "README.md").read_text("utf-8")
    assert "langflow-1.13.0/report.html" in (to / "matrix.html").read_text("utf-8")


def test_publishing_the_same_run_again_changes_nothing(new: Path, tmp_path: Path) -> None:
    """So that a commit shows what is new and nothing else."""
    published.publish(new, "x", tmp_path / "p")
    before = {path: path.read_bytes() for path in (tmp_path / "p").rglob("*") if path.is_file()}
    published.publish(new, "x", tmp_path / "p")
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["badge", "none"], "none: no such file"),
        (["matrix", "none"], "no report.json"),
        (["publish", "none", "--name", "../x"], "small letters"),
        (["issue", "POLL-003", "--report", "none"], "no such file"),
    ],
)
def test_a_mistake_is_a_usage_error(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known errors reach the command line's one handler."""
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert isinstance(done.exception, QueueproofError)
    assert message in str(done.exception)
    assert done.exception.exit_code == 2
