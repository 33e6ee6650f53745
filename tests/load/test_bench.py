"""Benchmarks: what is chosen, and the page that is made of rows."""

from __future__ import annotations

import asyncio
import json
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from queueproof.bench.aims import AIMS, aims_of
from queueproof.bench.measuring import had_no_time
from queueproof.bench.page import SECTIONS, columns_of, page_of, plots_of
from queueproof.bench.parts import PARTS, Wanted, _of_each
from queueproof.bench.run import chosen, exit_code_of, machine, run_bench, write
from queueproof.bench.subject import Subject, reference
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.reporting.drawing import DrawnLine, line_plot
from queueproof.verdicts import ExitCode

ROWS: list[dict[str, Any]] = [
    {"system": "reference | ours", "workers": n, "jobs_per_s": 100.0 * n, "deviant_jobs": 0}
    for n in (1, 2, 4)
]


def result(**parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "tool_version": "1",
        "started_at": "2026-01-02T03:04:05+00:00",
        "command": "queueproof bench --docs docs",
        "machine": machine(),
        "parts": parts,
        "aims": [aim.as_entry() for aim in aims_of(parts)],
    }


def test_every_part_has_a_section_that_shows_it() -> None:
    """Nothing is measured that no page tells."""
    assert PARTS.keys() == SECTIONS.keys()


def test_parts_are_chosen_by_name_in_their_own_order() -> None:
    """All of them without a name; a name that is none is a mistake."""
    assert chosen([]) == list(PARTS)
    assert chosen(["readers", "jobs"]) == ["jobs", "readers"]
    with pytest.raises(UsageError, match="there are jobs"):
        chosen(["speed"])


def test_the_page_has_the_command_a_table_and_a_plot(tmp_path: Path) -> None:
    """And the same numbers as JSON beside it."""
    made = result(workers=ROWS)
    write(made, tmp_path)

    page = (tmp_path / "benchmarks.md").read_text("utf-8")
    assert "queueproof bench --docs docs" in page
    assert "| reference / ours | 4 | 400 | 0 |" in page
    assert "](benchmarks/workers.svg)" in page
    assert (tmp_path / "benchmarks" / "workers.svg").exists()
    assert (tmp_path / "bench.json").exists()


@pytest.mark.parametrize("real", [True, False])
def test_a_real_system_that_gives_no_figures_says_why_and_spoils_no_others(real: bool) -> None:
    """Of the reference's own trouble nothing is made light."""
    ours = reference("langflow", workers=1)
    subjects = [replace(ours, name="mute", real=real), ours]

    async def measure(subject: Subject) -> AsyncIterator[dict[str, Any]]:
        if subject.name == "mute":
            raise TargetUnreachable("nobody answers")
        yield {"system": subject.name, "jobs_per_s": 1.0}

    if not real:
        with pytest.raises(TargetUnreachable):
            asyncio.run(_of_each(subjects, measure))
        return
    rows = asyncio.run(_of_each(subjects, measure))
    assert rows[0] == {"system": "mute", "why": "nobody answers"}
    assert rows[1]["jobs_per_s"] == 1.0
    assert "nobody answers" in page_of(result(jobs=rows), {})


def test_a_column_that_no_row_fills_is_left_out_and_a_single_row_is_not_drawn() -> None:
    """A missing program leaves no empty columns behind."""
    assert columns_of("workers", ROWS) == ["system", "workers", "jobs_per_s", "deviant_jobs"]
    assert plots_of({"workers": ROWS[:1]}) == {}
    assert "benchmarks/" not in page_of(result(workers=ROWS[:1]), {})


def test_jobs_that_deviated_fail_it_unless_the_machine_had_no_time_for_either() -> None:
    """A late generator proves nothing, good or bad."""
    late, wrong = {"lag_p99_ms": 90.0}, {"deviant_jobs": 2}

    assert exit_code_of(ROWS) is ExitCode.PASSED
    assert exit_code_of([*ROWS, late]) is ExitCode.PASSED
    assert exit_code_of([*ROWS, wrong | late]) is ExitCode.INCONCLUSIVE
    assert exit_code_of([wrong | {"lag_p99_ms": 4.0}, wrong | late]) is ExitCode.FAILED
    assert exit_code_of([wrong | {"lag_p99_ms": 4.0, "real": True}]) is ExitCode.PASSED


def test_a_machine_that_others_use_proves_nothing_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator that needs little is punctual on a machine that leaves its target nothing."""
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    wrong = {"deviant_jobs": 2, "lag_p99_ms": 4.0}

    assert exit_code_of([wrong | {"others_cpu": 0.5}]) is ExitCode.FAILED
    assert exit_code_of([wrong | {"others_cpu": 0.7}]) is ExitCode.INCONCLUSIVE
    assert "others took 0.7" in had_no_time({"others_cpu": 0.7})


def real(contract: str, part: str, **row: Any) -> tuple[str, list[dict[str, Any]]]:
    """A part's rows: ours, and one of a real system with the same conditions."""
    ours = {name: value[0] if isinstance(value, tuple) else value for name, value in row.items()}
    theirs = {name: value[1] if isinstance(value, tuple) else value for name, value in row.items()}
    same = {"system": "s", "contract": contract}
    return part, [same | {"real": False} | ours, same | {"real": True} | theirs]


@pytest.mark.parametrize(("times", "reached"), [(15.0, True), (14.9, False)])
def test_an_aim_is_a_ratio_of_two_rows_of_one_run(times: float, reached: bool) -> None:
    """At least so many times as much; what has no two rows was not measured."""
    rates = (times * 8, 8.0)
    part, rows = real("langflow", "jobs", does="stream", clients=8, jobs_per_s=rates)

    met = {aim.title: aim for aim in aims_of({part: rows})}

    found = met["jobs a second against Langflow, eight clients"]
    assert found.reached is reached
    assert found.measured == f"{times:.3g} times ({times * 8:g} and 8)"
    assert {aim.reached for aim in met.values() if aim is not found} == {None}
    assert {aim.reached for aim in aims_of({part: rows[:1]})} == {None}


def test_every_aim_can_be_measured_and_the_page_tells_all_of_them() -> None:
    """From rows as the parts make them, other clients and other ways beside them."""
    brief = {"clients": 8, "does": "stream", "job_p99_ms": (10.0, 100.0)}
    bare = {"system": "bare stack, 3 workers", "clients": 8, "by": "wrk", "requests_per_s": 4000.0}
    mine = {"contract": "langflow", "real": False, "clients": 8, "by": "wrk"}
    parts = {
        "jobs": [
            {"system": "r", "contract": "langflow", "real": False, "clients": 1, "jobs_per_s": 1.0},
            *real("langflow", "jobs", **brief, jobs_per_s=(300.0, 10.0))[1],
            *real("flowise", "jobs", **brief, jobs_per_s=(90.0, 10.0))[1],
        ],
        "cancels": [
            *real("langflow", "", crossing=False, cancel_to_stopped_p50_ms=(9.0, 9.0))[1],
            *real("langflow", "", crossing=True, cancel_to_stopped_p50_ms=(4.0, 9.0))[1],
        ],
        "submits": [bare, {"system": "reference", **mine, "requests_per_s": 1900.0}],
        "in-flight": [{"system": "r", "wanted": 2000, "failed": 0, "deviant_jobs": 0}],
        "readers": [
            {"system": "r", "readers": 200, "failed": 3, "deviant_jobs": 0, "lag_p99_ms": 99.0}
        ],
    }

    met = aims_of(parts)

    words = [aim.word for aim in met]
    assert words == [*["reached"] * 3, *["not reached"] * 2, "reached", "unknown"]
    assert len(met) == len(AIMS) + 2
    page = page_of(result(**parts), {})
    assert all(aim.title in page and aim.measured in page for aim in met)
    assert "the generator was late by 99 ms" in page


def test_the_command_is_told_without_a_path_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where results are written changes no figure."""

    async def measured(wanted: Wanted) -> list[dict[str, Any]]:
        return ROWS

    monkeypatch.setitem(PARTS, "workers", measured)
    monkeypatch.setattr(
        "sys.argv", ["queueproof", "bench", "--out", str(tmp_path), "--seconds", "2"]
    )
    console = Console(record=True, width=200)

    code = run_bench(Wanted(), ["workers"], tmp_path, tmp_path / "docs", console)

    assert code is ExitCode.PASSED
    told = json.loads((tmp_path / "docs" / "bench.json").read_text("utf-8"))
    assert told["command"] == "queueproof bench --seconds 2"
    assert "workers" in console.export_text()


def test_what_was_measured_outlives_what_comes_to_grief(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten minutes of figures are not lost with the eleventh."""

    async def well(_: Wanted) -> list[dict[str, Any]]:
        return ROWS

    async def ill(_: Wanted) -> list[dict[str, Any]]:
        raise TargetUnreachable("nobody answers")

    monkeypatch.setitem(PARTS, "workers", well)
    monkeypatch.setitem(PARTS, "readers", ill)
    with pytest.raises(TargetUnreachable):
        run_bench(Wanted(), ["workers", "readers"], tmp_path, None, Console(quiet=True))

    kept = json.loads(next(tmp_path.glob("*/bench.json")).read_text("utf-8"))
    assert kept["parts"] == {"workers": ROWS}


def test_a_plot_is_well_formed_and_stays_on_its_ground() -> None:
    """Every point lies inside the drawing, whatever the numbers."""
    lines = [DrawnLine("a <b>", [(1, 0.5), (200, 1234.5)]), DrawnLine("none", [])]

    tree = ET.fromstring(line_plot("A & B", lines, x_label="x", y_label="y"))

    circles = [each for each in tree.iter() if each.tag.endswith("circle")]
    assert len(circles) == 2
    assert all(0 <= float(each.get("cx", "-1")) <= 640 for each in circles)
    assert all(0 <= float(each.get("cy", "-1")) <= 320 for each in circles)
