"""A benchmark from what was asked for to its files."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from queueproof import __version__
from queueproof.bench.aims import aims_of
from queueproof.bench.measuring import Row, had_no_time
from queueproof.bench.page import columns_of, page_of, plots_of
from queueproof.bench.parts import PARTS, Wanted
from queueproof.errors import UsageError
from queueproof.reporting.files import replace_file
from queueproof.running.run_folder import RunFolder
from queueproof.verdicts import ExitCode

_RESULT, _PAGE = "bench.json", "benchmarks.md"


def run_bench(
    wanted: Wanted, names: Sequence[str], out: Path, docs: Path | None, console: Console
) -> ExitCode:
    """Measure the parts named, or all; write the results, and the page into `docs` if given.

    The results are written anew after each part: what was measured outlives what comes to grief.
    The exit code tells whether jobs deviated: figures of lost events are worth nothing. Where the
    generator itself was late at that, or others had the processors, nothing is proven.
    """
    parts = chosen(names)
    run_folder = RunFolder.below(out)
    result: dict[str, Any] = {
        "tool_version": __version__,
        "started_at": run_folder.started.isoformat(timespec="seconds"),
        "command": "queueproof " + " ".join(_without_out(sys.argv[1:])),
        "machine": machine(),
        "parts": {},
        "aims": [],
    }
    asyncio.run(_measure(wanted, parts, result, run_folder.path, console))
    if docs is not None:
        write(result, docs)
    for aim in (aim for aim in aims_of(result["parts"]) if aim.measured):
        line = f"{aim.word:12}  {aim.title}: {aim.measured} (wanted: {aim.wanted})"
        console.print(line, markup=False, highlight=False)
    console.print(f"results   {run_folder.path / _RESULT}")
    return exit_code_of([row for rows in result["parts"].values() for row in rows])


def exit_code_of(rows: Sequence[Row]) -> ExitCode:
    """Failed where jobs deviated though the machine had time, inconclusive where it had not.

    What a real system lost stands in its row: it is measured here, and judged by a gate.
    """
    deviant = [row for row in rows if row.get("deviant_jobs") and not row.get("real")]
    if not deviant:
        return ExitCode.PASSED
    starved = all(had_no_time(row) for row in deviant)
    return ExitCode.INCONCLUSIVE if starved else ExitCode.FAILED


def chosen(names: Sequence[str]) -> list[str]:
    """The parts with these names, all of them without any; raises UsageError."""
    for name in names:
        if name not in PARTS:
            raise UsageError(f"--only {name}: there are {', '.join(PARTS)}")
    return [name for name in PARTS if not names or name in names]


def write(result: dict[str, Any], folder: Path) -> None:
    """The result as JSON, and the page with its plots beside it."""
    replace_file(folder / _RESULT, json.dumps(result, indent=2) + "\n")
    plots = plots_of(result["parts"])
    for name, drawing in plots.items():
        replace_file(folder / "benchmarks" / name, drawing)
    replace_file(folder / _PAGE, page_of(result, plots))


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processors": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3, 1),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }


def _without_out(arguments: Sequence[str]) -> Iterator[str]:
    """Where the results went on this machine is nobody else's business."""
    left = iter(arguments)
    for each in left:
        if each == "--out":
            next(left, None)
        elif not each.startswith("--out="):
            yield each


async def _measure(
    wanted: Wanted, names: Sequence[str], result: dict[str, Any], folder: Path, console: Console
) -> None:
    """Put each part into the result, and the result into its folder."""
    with console.status("") as status:
        for number, name in enumerate(names, start=1):
            status.update(f"measuring {name}, part {number} of {len(names)}")
            rows = await PARTS[name](wanted)
            result["parts"][name] = rows
            result["aims"] = [aim.as_entry() for aim in aims_of(result["parts"])]
            write(result, folder)
            for line in _lines(name, rows):
                console.print(line, markup=False, highlight=False)


def _lines(name: str, rows: list[Row]) -> Iterator[str]:
    """A part as lines: a table of so many columns has no room on a terminal."""
    yield name
    for row in rows:
        columns = [each for each in columns_of(name, rows) if each != "system" and each in row]
        figures = ", ".join(f"{each.replace('_', ' ')} {row[each]}" for each in columns)
        yield f"  {row['system']}: {figures}"
