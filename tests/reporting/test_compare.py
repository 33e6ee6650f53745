"""Comparing, merging and lining up runs."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from queueproof.errors import UsageError
from queueproof.reporting import diff, matrix, write_all
from queueproof.reporting.diff import DiffChange
from queueproof.reporting.merge import merge, merge_histories
from queueproof.reporting.model import RunResult
from queueproof.reporting.quantities import quantities_of
from queueproof.verdicts import ExitCode, Verdict

from . import samples
from .golden import assert_golden

PASSED, FAILED, SKIPPED = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_ASSESSED


def run_with(verdicts: dict[str, Verdict], **changes: object) -> RunResult:
    """A run with one case a requirement."""
    rows = (samples.row(name, samples.case(name, verdict)) for name, verdict in verdicts.items())
    return replace(samples.result(*rows), **changes)  # type: ignore[arg-type]


OLD = run_with({"A-1": PASSED, "A-2": FAILED, "A-3": FAILED, "A-4": PASSED, "A-5": SKIPPED})
NEW = run_with(
    {"A-1": FAILED, "A-2": PASSED, "A-3": FAILED, "A-4": SKIPPED, "A-5": PASSED},
    target=samples.target(version="1.14.0"),
)


def test_every_change_is_called_by_its_name() -> None:
    """Broken, fixed, still failing, no longer and newly assessed."""
    comparison = diff.compare(OLD, NEW)
    told = {each.id: change for change, group in comparison.changes.items() for each in group}
    assert told == {
        "A-1": DiffChange.BROKEN,
        "A-2": DiffChange.FIXED,
        "A-3": DiffChange.STILL_FAILING,
        "A-4": DiffChange.NO_LONGER_ASSESSED,
        "A-5": DiffChange.NEWLY_ASSESSED,
    }
    assert comparison.broken
    assert not diff.compare(NEW, NEW).broken


def test_a_requirement_that_one_run_lacks_is_not_assessed_there() -> None:
    """A failure of a new requirement is news; a vanished one is named."""
    [gone] = diff.compare(OLD, run_with({"A-2": FAILED})).changes[DiffChange.NO_LONGER_ASSESSED][:1]
    assert gone.after is None
    new = diff.compare(run_with({"B-1": PASSED}), run_with({"B-1": PASSED, "B-2": FAILED}))
    assert [each.id for each in new.changes[DiffChange.NEWLY_FAILING]] == ["B-2"]


def test_what_passes_only_in_part_now_is_told() -> None:
    """A case that is not asked any more is a loss, though nothing failed."""
    partly = samples.row(
        "A-1", samples.case("A-1", PASSED), samples.case("A-1", SKIPPED, id="other")
    )
    comparison = diff.compare(run_with({"A-1": PASSED}), samples.result(partly))
    [lost] = comparison.changes[DiffChange.NO_LONGER_ASSESSED]
    assert lost.words == "passed → passed in part"
    assert not comparison.broken


def test_runs_of_different_contracts_cannot_be_compared() -> None:
    """They share no requirement."""
    other = replace(NEW, target=samples.target(contract="flowise"))
    with pytest.raises(UsageError, match="langflow with flowise"):
        diff.compare(OLD, other)


@pytest.mark.parametrize(("name", "old"), [("plain", OLD), ("hostile", samples.hostile())])
def test_a_comparison_is_written_as_last_looked_at(name: str, old: RunResult) -> None:
    """Terminal and Markdown; the page is looked at in a browser."""
    comparison = diff.compare(old, NEW)
    stream = io.StringIO()
    Console(file=stream, width=80).print(diff.render_terminal(comparison))
    assert_golden(f"diff_{name}/diff.txt", stream.getvalue())
    assert_golden(f"diff_{name}/diff.md", diff.render_markdown(comparison))
    assert samples.MARKUP not in diff.render_html(comparison)


def test_merging_keeps_the_worst_of_each_case_and_unites_the_rest() -> None:
    """A second, luckier run cannot hide a failure."""
    first = run_with({"A-1": FAILED, "A-2": SKIPPED})
    later = run_with(
        {"A-1": PASSED, "A-2": PASSED, "A-3": PASSED}, run=samples.run(id="later", seed=2)
    )
    merged = merge([later, first])
    verdicts = {row.id: row.verdict for row in merged.requirements}
    assert verdicts == {"A-1": FAILED, "A-2": PASSED, "A-3": PASSED}
    assert (merged.verdict, merged.exit_code) == (FAILED, ExitCode.FAILED)
    assert ("read", "a", "b", 8) in merged.coverage.pairs


def test_merged_runs_have_the_measurements_of_all() -> None:
    """Percentiles of two runs cannot be made of theirs: so every measurement is kept."""
    one = replace(OLD, target=NEW.target, quantities=quantities_of({"waiting_s": [3.0, 1.0]}))
    other = replace(NEW, quantities=quantities_of({"waiting_s": [2.0], "mine": [5.0]}))

    waiting, mine = merge([one, other]).quantities

    assert (waiting.name, waiting.values_s) == ("waiting_s", (1.0, 2.0, 3.0))
    assert [waiting.percentile_s(share) for share in (50, 90, 100)] == [2.0, 3.0, 3.0]
    assert mine.values_s == (5.0,)


def test_only_runs_of_one_target_are_merged() -> None:
    """Two versions are a matrix, not a merge."""
    with pytest.raises(UsageError, match="report matrix"):
        merge([OLD, NEW])
    with pytest.raises(UsageError, match="at least two"):
        merge([OLD])


def test_merged_histories_share_the_clock_of_the_first_run() -> None:
    """Ten seconds apart at their starts, ten seconds apart in the merged history."""
    later = replace(OLD, run=samples.run(started_at="2026-11-22T01:04:15Z"))
    row = {"number": 0, "invoked_s": 1.0, "ended_s": 2.0, "events": [["tick", 0, 1.5, ""]]}
    merged = merge_histories([(later, [row]), (OLD, [row])])
    assert [(r["number"], r["invoked_s"], r["ended_s"]) for r in merged] == [
        (0, 1.0, 2.0),
        (1, 11.0, 12.0),
    ]
    assert merged[1]["events"] == [["tick", 0, 11.5, ""]]


def test_a_matrix_has_a_column_a_report_in_the_order_of_versions(tmp_path: Path) -> None:
    """1.9 comes before 1.10, each links to its own page, and contracts stay apart."""
    for name, result in (("x-1.10", NEW), ("x-1.9", OLD), ("y", _of("flowise"))):
        write_all(result, tmp_path / name)
    columns = matrix.collect(tmp_path)
    langflow, flowise = sorted(matrix.matrices(columns), key=lambda each: -len(each.columns))
    assert [column.name for column in langflow.columns] == ["x-1.9", "x-1.10"]
    assert (flowise.contract, len(flowise.columns)) == ("flowise", 1)
    page = matrix.render(columns)
    assert 'href="x-1.9/report.html"' in page
    rows = {row.id: row for rows in langflow.areas.values() for row in rows}
    assert langflow.differs(rows["A-1"])
    assert not langflow.differs(rows["A-3"])
    assert not langflow.differs(rows["A-4"])


def test_a_matrix_leads_to_each_case_and_keeps_the_reference_apart(tmp_path: Path) -> None:
    """What a product fails and the reference keeps is no difference between releases."""
    reference = replace(_of("langflow"), target=samples.target(urls=("embedded reference",)))
    failing = run_with({"POLL-001": FAILED, "A-2": PASSED})
    for name, result in (("aaa", reference), ("x-1.9", failing), ("x-1.10", failing)):
        write_all(result, tmp_path / name)
    write_all(run_with({"A-2": FAILED}), tmp_path / "y-2.0")

    [langflow] = matrix.matrices(matrix.collect(tmp_path))
    page = matrix.render(matrix.collect(tmp_path))

    assert [column.name for column in langflow.columns] == ["x-1.9", "x-1.10", "y-2.0", "aaa"]
    rows = {row.id: row for rows in langflow.areas.values() for row in rows}
    assert not langflow.differs(rows["POLL-001"])
    assert not langflow.differs(rows["A-2"])
    assert 'href="x-1.9/report.html#POLL-001"' in page
    assert "our reference" in page
    assert langflow.tally(list(rows.values()), langflow.columns[0]) == "1 of 2"


def test_a_folder_without_reports_has_no_matrix(tmp_path: Path) -> None:
    """Rather an error than an empty page."""
    with pytest.raises(UsageError, match=r"no report\.json"):
        matrix.collect(tmp_path)


def _of(contract: str) -> RunResult:
    return replace(samples.passing(), target=samples.target(contract=contract))
