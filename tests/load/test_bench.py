"""Benchmarks: what is chosen, and the page that is made of rows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from queueproof.bench.page import SECTIONS, columns_of, page_of, plots_of
from queueproof.bench.parts import PARTS
from queueproof.bench.run import chosen, machine, write
from queueproof.errors import UsageError
from queueproof.reporting.drawing import Line, line_plot

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


def test_a_column_that_no_row_fills_is_left_out_and_a_single_row_is_not_drawn() -> None:
    """A missing program leaves no empty columns behind."""
    assert columns_of("workers", ROWS) == ["system", "workers", "jobs_per_s", "deviant_jobs"]
    assert plots_of({"workers": ROWS[:1]}) == {}
    assert "benchmarks/" not in page_of(result(workers=ROWS[:1]), {})


def test_a_plot_is_well_formed_and_stays_on_its_ground() -> None:
    """Every point lies inside the drawing, whatever the numbers."""
    lines = [Line("a <b>", [(1, 0.5), (200, 1234.5)]), Line("none", [])]

    tree = ET.fromstring(line_plot("A & B", lines, x_label="x", y_label="y"))

    circles = [each for each in tree.iter() if each.tag.endswith("circle")]
    assert len(circles) == 2
    assert all(0 <= float(each.get("cx", "-1")) <= 640 for each in circles)
    assert all(0 <= float(each.get("cy", "-1")) <= 320 for each in circles)
