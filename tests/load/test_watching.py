"""What a load run tells while it runs."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from queueproof.load import tally, watching
from queueproof.load.records import RECORDS
from queueproof.load.run_spec import RunSpec
from queueproof.load.schedule import Stretch
from queueproof.waiting import eventually


def window(index: int, *latencies_s: float, offered: int = 0, failed: int = 0) -> dict[str, Any]:
    """One closed window of one process, as the generator writes it."""
    jobs = tally.histogram(digits=2)
    for each in latencies_s:
        tally.record(jobs, each)
    counts = {"offered": offered, "requests": len(latencies_s), "failed": failed}
    latencies = {"job": tally.encoded(jobs)} if latencies_s else {}
    return {"index": index, "counts": counts, "tops": {}, "latencies": latencies}


def lines(*windows: dict[str, Any]) -> str:
    return "".join(json.dumps({"windows": [each]}) + "\n" for each in windows)


def spec_in(folder: Path) -> RunSpec:
    """A minute's run whose generator writes to this folder."""
    return RunSpec(
        contract="langflow",
        profile="steady",
        urls=("http://127.0.0.1:1",),
        folder=str(folder),
        errands=(),
        templates=(),
        stretches=(Stretch(name="all", lasts_s=60.0, rate=1.0, to=1.0),),
        spacing="even",
        seed=1,
        processes=1,
        window_s=1.0,
    )


def test_figures_are_told_as_they_come(tmp_path: Path) -> None:
    """Two processes' windows are one; what came long ago is counted, and no rate any more."""
    path = tmp_path / RECORDS
    tail = watching.Tail(path, window_s=5.0)
    tail.look()
    assert tail.words(left_s=9.0) == "0 jobs offered, 0 requests answered, 0 failed, 9 s left"

    path.write_text(lines(window(0, 9.0, offered=100), window(1, 0.1, offered=10)), "utf-8")
    tail.look()
    with path.open("a", encoding="utf-8") as more:
        more.write(lines(window(1, 0.1, offered=10, failed=1), window(2, 0.1, offered=20)))
    tail.look()

    assert tail.words(left_s=0.0) == (
        "140 jobs offered, 4 requests answered, 1 failed, 4.0/s, job p50 100 ms, p99 100 ms, "
        "jobs under way come to their ends"
    )


def test_half_a_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / RECORDS
    whole = lines(window(0, 0.1, offered=7))
    path.write_text(whole[:20], "utf-8")
    tail = watching.Tail(path, window_s=1.0)
    tail.look()
    assert tail.counts["offered"] == 0
    path.write_text(whole, "utf-8")
    tail.look()
    assert tail.counts["offered"] == 7


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_is_drawn_to_and_a_log_gets_lines(
    terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(watching, "_LINE_EVERY_S", 0.02)
    sink = io.StringIO()
    console = Console(file=sink, force_terminal=terminal, width=200)
    spec = spec_in(tmp_path)

    async def run() -> None:
        async with watching.watching(spec, console):
            (tmp_path / RECORDS).write_text(lines(window(0, 0.2, offered=3)), "utf-8")
            await eventually(told, bool, within_s=10.0)

    async def told() -> bool:
        return "3 jobs offered" in sink.getvalue()

    asyncio.run(run())
    assert ("\x1b[" in sink.getvalue()) is terminal
    assert "steady" in sink.getvalue()
    assert "job p50 201 ms" in sink.getvalue()
