"""write_all: every format, whole or not at all, and never a silent success."""

from __future__ import annotations

from pathlib import Path

import pytest

from queueproof.errors import UsageError
from queueproof.reporting import json_report, write_all
from queueproof.reporting.files import replace_file

from . import samples

FORMATS = {"report.json", "junit.xml", "summary.md", "report.html"}


def test_every_format_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    """The folder is made, and holds the files that are returned."""
    paths = write_all(samples.hostile(), tmp_path / "new" / "run")
    assert set(paths) == FORMATS
    assert {path.name for path in (tmp_path / "new" / "run").iterdir()} == FORMATS
    assert json_report.load(paths["report.json"]) == samples.hostile()


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    """A second run into the same folder leaves nothing of the first."""
    write_all(samples.every_verdict(), tmp_path)
    paths = write_all(samples.passing(), tmp_path)
    assert json_report.load(paths["report.json"]) == samples.passing()
    assert "POLL-003" not in paths["report.html"].read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_an_unwritable_output_is_a_usage_error(name: str, tmp_path: Path) -> None:
    """One line names the file and says what to do."""
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match=name) as refusal:
        write_all(samples.passing(), tmp_path)
    assert "\n" not in str(refusal.value)


def test_a_file_in_the_place_of_the_folder_is_a_usage_error(tmp_path: Path) -> None:
    """Nothing is overwritten."""
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="--out"):
        write_all(samples.passing(), tmp_path / "taken")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_an_interrupted_write_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between writing and renaming is not seen by whoever reads the file."""
    path = tmp_path / "report.json"
    replace_file(path, "old")

    def interrupted(_: Path, target: Path) -> Path:
        raise KeyboardInterrupt(target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
