"""The history as the page carries it: complete for failures, bounded, harmless."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from queueproof.errors import UsageError
from queueproof.reporting import html, timeline
from queueproof.verdicts import Verdict

from . import samples

FAILED = samples.case("POLL-003", Verdict.FAILED)
RESULT = samples.result(
    samples.row("POLL-003", FAILED),
    samples.row("POLL-001", samples.case("POLL-001", Verdict.PASSED)),
)


def operation(number: int, **changes: Any) -> dict[str, Any]:
    """One row of a history."""
    row = {
        "number": number,
        "case": FAILED.id,
        "kind": "poll",
        "job": "1f2c9e",
        "worker": "a",
        "invoked_s": number / 10,
        "ended_s": number / 10 + 0.05,
        "outcome": "ok",
        "status": 200,
        "detail": "",
        "events": [["tick", number, number / 10 + 0.04, ""], ["other", None, 0.5, "note"]],
    }
    return row | changes


def write_history(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A history file as a run leaves it."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as sink:
        sink.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def test_an_operation_is_numbers_and_its_texts_stand_apart() -> None:
    """Instants in milliseconds, -1 for what is not known."""
    rows = [operation(0), operation(1, ended_s=None, worker=None, status=None, outcome="unknown")]
    data = timeline.compact(RESULT, rows)
    assert data["ops"][0] == [0, 0, 0, 0, 0, 0, 50, 0, 200, -1, [0, 0, 40, -1, 1, -1, 500, 0]]
    assert data["ops"][1][4:10] == [-1, 100, -1, 2, -1, -1]
    assert (data["kinds"], data["jobs"], data["texts"]) == (["poll"], ["1f2c9e"], ["note"])


def test_beyond_the_limit_the_rows_of_failed_cases_stay() -> None:
    """What was left out is counted."""
    rows = [operation(n, case="passed" if n % 2 else FAILED.id) for n in range(100)]
    data = timeline.compact(RESULT, rows, limit=60)
    cases = [data["cases"][op[1]] for op in data["ops"]]
    assert (len(cases), cases.count(FAILED.id), data["left_out"]) == (60, 50, 40)
    assert [op[0] for op in data["ops"]] == sorted(op[0] for op in data["ops"])


def test_a_fault_lasts_from_applied_to_healed() -> None:
    """One that was never healed is open; a note that is no stage of a fault is none."""
    notes = ["Redis frozen applied", "Redis frozen confirmed: silent", "Redis frozen healed"]
    rows = [operation(n, kind="fault", detail=detail) for n, detail in enumerate(notes)]
    rows.append(operation(3, kind="fault", detail="SIGKILL applied"))
    assert list(timeline.fault_windows(rows)) == [
        ("Redis frozen", 0, 200, FAILED.id),
        ("SIGKILL", 300, -1, FAILED.id),
    ]


def test_hostile_strings_of_a_history_cannot_leave_their_block(tmp_path: Path) -> None:
    """`</script>` in a target's answer ends nothing."""
    rows = [
        operation(
            n,
            case=text,
            kind=text,
            job=text,
            worker=text,
            detail=text,
            events=[[text, 0, 0.0, text]],
        )
        for n, text in enumerate(samples.HOSTILE[:5] + samples.HOSTILE[6:])
    ]
    page = html.render(RESULT, history=write_history(tmp_path / "h.gz", rows))
    block = page.split('id="history">')[1].split("</script>")[0]
    assert len(json.loads(block)["ops"]) == len(rows)
    assert samples.MARKUP not in page


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"no json", mtime=0), gzip.compress(b"{}\n", mtime=0)],
    ids=["no gzip", "no json", "no row"],
)
def test_what_is_no_history_is_refused(tmp_path: Path, content: bytes) -> None:
    """Rather than a page that shows nothing."""
    (tmp_path / "h.gz").write_bytes(content)
    with pytest.raises(UsageError, match="history"):
        timeline.read_history(tmp_path / "h.gz")


def test_without_a_history_the_page_carries_no_library() -> None:
    """A page with nothing to draw stays small."""
    assert "uPlot" not in html.render(RESULT)


def test_of_a_long_history_only_what_the_page_shows_is_kept_in_memory(tmp_path: Path) -> None:
    """The evidence of a failure stands at the end of an exploration's file, and is shown."""
    refs = ("history.jsonl.gz#case=schedule-9",)
    failed = samples.case("POLL-003", Verdict.FAILED, id="explore::x", history_refs=refs)
    result = samples.result(samples.row("POLL-003", failed))
    rows = [operation(n, case="schedule-1") for n in range(90)]
    rows += [operation(n, case="schedule-9") for n in range(90, 100)]
    path = write_history(tmp_path / "h.gz", rows)

    kept, more = timeline.read_telling(path, result, limit=30)

    assert [row["number"] for row in kept] == [*range(20), *range(90, 100)]
    assert more == 70
    assert timeline.compact(result, kept, more=more)["left_out"] == 70
