"""The history records what is known, and only that."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from queueproof.errors import UsageError
from queueproof.history import PART, Event, EventKind, History, Outcome, current_case


def test_an_operation_that_raises_stays_unknown() -> None:
    """It may have happened."""
    history = History()

    with pytest.raises(RuntimeError), history.operation("submit"):
        raise RuntimeError

    assert history.operations[0].outcome is Outcome.UNKNOWN
    assert history.operations[0].ended_s is not None


def test_operations_belong_to_the_case_that_made_them() -> None:
    """The trace of a failure is its own."""
    history = History()
    token = current_case.set("case-1")
    history.note("fault", "applied")
    current_case.reset(token)
    history.note("fault", "healed")

    assert [operation.detail for operation in history.of_case("case-1")] == ["applied"]


def test_a_line_folds_runs_of_ticks() -> None:
    """Readable with thousands of events."""
    history = History()
    with history.operation("poll", job="j", worker="b") as operation:
        operation.outcome, operation.status = Outcome.OK, 200
        ticks = [0, 1, 2, 5, 7, 8]
        operation.events = [Event(EventKind.TICK, 0.0, tick=tick) for tick in ticks]
        operation.events.append(Event(EventKind.END, 0.0))

    assert "poll via b 200 ok" in operation.as_line()
    assert "ticks 0..2 5 7..8 [end]" in operation.as_line()


def test_it_is_written_as_compressed_lines(tmp_path: Path) -> None:
    """One JSON object an operation."""
    history = History()
    history.note("fault", "größe")
    history.write(tmp_path / "history.jsonl.gz")

    with gzip.open(tmp_path / "history.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert rows[0]["kind"] == "fault"
    assert rows[0]["detail"] == "größe"


def test_what_is_set_down_leaves_memory_and_is_written_all_the_same(tmp_path: Path) -> None:
    """A run of hours keeps only what may still be asked about."""
    history = History()
    for case in ("sound", "broken", "sound"):
        current_case.set(case)
        history.note("poll", f"of {case}")
    current_case.set("sound")
    with history.operation("stream"):
        history.set_down("sound")
    current_case.set("")

    assert [one.kind for one in history.operations] == ["poll", "stream"]
    assert [one.case for one in history.of_case("broken")] == ["broken"]
    history.set_down("sound")
    history.write(tmp_path / "h.jsonl.gz")
    history.write(tmp_path / "again.jsonl.gz")
    for name in ("h.jsonl.gz", "again.jsonl.gz"):
        with gzip.open(tmp_path / name, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        assert sorted(row["number"] for row in rows) == [0, 1, 2, 3]
        assert [row["case"] for row in rows][-1] == "broken"


def test_what_a_killed_run_had_set_down_is_in_its_folder(tmp_path: Path) -> None:
    """Under a name of its own, until all of it is in the history."""
    history = History(tmp_path)
    for number in range(3):
        current_case.set(f"schedule-{number}")
        history.note("poll", "sound")
        history.set_down(f"schedule-{number}")
    current_case.set("")

    with gzip.open(tmp_path / PART, "rt", encoding="utf-8") as lines:
        assert [json.loads(line)["case"] for line in lines] == [f"schedule-{n}" for n in range(3)]
    assert history.operations == []
    history.write(tmp_path / "history.jsonl.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["history.jsonl.gz"]


def test_a_folder_that_takes_no_more_is_named(tmp_path: Path) -> None:
    history = History(tmp_path / "gone")
    history.note("poll", "sound")

    with pytest.raises(UsageError, match=r"gone.*--out"):
        history.set_down("")
    assert len(history.operations) == 1
