"""The pairs are whole, and the proof settles nothing that a visit did not show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from queueproof.lab.recipe import choose, load_recipes
from queueproof.requirements import load_registry
from tests.known_bugs.pairs import Pair, load_pairs
from tests.known_bugs.playing import Seen, actual_of, play, row_of
from tests.known_bugs.table import BEGIN, END, Shown, rows_of, with_rows

ROOT = Path(__file__).parents[2]
PAIRS = load_pairs()
FAILED = Seen(verdict="failed", actual="job 13 | was late", took_s=1.0)
PASSED = Seen(verdict="passed", actual="", took_s=1.0)
UNSETTLED = Seen(verdict="inconclusive", actual="a port was taken", took_s=1.0)


def option(words: Sequence[str], name: str) -> str:
    return words[words.index(name) + 1] if name in words else ""


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_a_pair_names_a_requirement_and_two_releases_that_the_lab_knows(pair: Pair) -> None:
    """Both sides are the same system in the same variant: the release alone differs."""
    assert pair.requirement in {row.id for row in load_registry("generic")}
    sides = []
    for words in (pair.bad, pair.good):
        beside = [option(words, "--with")] if "--with" in words else []
        variant = option(words, "--variant")
        sides.append(choose(words[0], load_recipes(), beside=beside, variant=variant))
    bad, good = sides
    assert (bad.recipe.system, bad.variant) == (good.recipe.system, good.variant)
    assert (bad.version, bad.beside) != (good.version, good.beside)


def test_ci_shows_one_pair_of_each_library_that_has_any() -> None:
    """With every push; the others take too long, or chance has a say in them."""
    systems = [pair.bad[0].partition("==")[0] for pair in PAIRS]
    shown = [pair.bad[0].partition("==")[0] for pair in PAIRS if pair.every_push]

    assert sorted(shown) == sorted(set(systems))
    workflow = (ROOT / ".github" / "workflows" / "project.yml").read_text("utf-8")
    assert "tox -e known-bugs -- --every-push" in workflow


@pytest.mark.parametrize(
    ("answers", "asked", "verdict"),
    [
        ([PASSED], 1, "passed"),
        ([FAILED], 1, "failed"),
        ([UNSETTLED, FAILED], 2, "failed"),
        ([UNSETTLED, UNSETTLED], 2, "inconclusive"),
    ],
)
def test_what_settled_nothing_is_asked_once_more(
    answers: list[Seen], asked: int, verdict: str
) -> None:
    made: list[Seen] = []

    def visit(words: Sequence[str], requirement: str) -> Seen:
        made.append(answers[len(made)])
        return made[-1]

    assert play(visit, ("rq==3.0.0",), "WORK-001").verdict == verdict
    assert len(made) == asked


@pytest.mark.parametrize(
    ("bad", "good", "holds"),
    [
        (FAILED, PASSED, True),
        (PASSED, PASSED, False),
        (FAILED, FAILED, False),
        (UNSETTLED, PASSED, False),
    ],
)
def test_a_pair_holds_where_the_bad_failed_and_the_good_passed(
    bad: Seen, good: Seen, *, holds: bool
) -> None:
    assert Shown(pair=PAIRS[0], bad=bad, good=good).holds is holds


def test_the_table_takes_the_place_of_the_last_one() -> None:
    """What stands around it stays; a cell cannot break its row."""
    shown = [Shown(pair=PAIRS[0], bad=FAILED, good=PASSED)]

    text = with_rows(f"before\n{BEGIN}\nlast time\n{END}\nafter\n", shown)

    assert "last time" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    row = list(rows_of(shown))[-1]
    assert row in text
    assert row.count("|") == 8
    with pytest.raises(ValueError, match="lacks"):
        with_rows("no marks", shown)


def test_a_report_is_read_for_one_requirement(tmp_path: Path) -> None:
    """Its verdict and the first thing that a case saw; nothing where there is no report."""
    row = {"id": "WORK-001", "verdict": "failed", "cases": [{"actual": "told\n  as failed"}]}
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "report.json").write_text(json.dumps({"requirements": [row]}), "utf-8")

    assert row_of(tmp_path, "WORK-001") == row
    assert actual_of(row) == "told as failed"
    assert row_of(tmp_path, "WORK-002") == {}
    assert row_of(tmp_path / "nowhere", "WORK-001") == {}
