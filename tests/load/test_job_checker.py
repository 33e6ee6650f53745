"""The checker of jobs under load, on lives that are legal, illegal, or not to be settled."""

from __future__ import annotations

from typing import Any

import pytest

from queueproof.checkers.jobs import Deviation, check_life
from tests.load.sample import EFFECT_S, life, reading, row

D = Deviation
LATE = {"outcome": "unknown", "status": None, "detail": "no answer within 60.0 s"}
CUT = {"outcome": "unknown", "status": None, "detail": "connection lost"}
GONE = {"outcome": "failed", "status": 404, "detail": "404, a stream wanted"}


def found(rows: list[dict[str, Any]]) -> list[Deviation]:
    return [finding.deviation for finding in check_life(rows, effect_s=EFFECT_S)]


@pytest.mark.parametrize(
    "rows",
    [
        life(readings=(reading((0, 2)),)),
        life(readings=(reading((0, 2)), reading((0, 2)))),
        life("poll", readings=(reading((0, 2), kind="poll"),)),
        life(
            "cancel",
            ticks=50,
            readings=(row("cancel", at_s=0.2), reading((0, 5), told="cancelled")),
        ),
        life("cancel", ticks=50, readings=(row("cancel", at_s=0.2), reading((0, 5), told=None))),
        life("cancel", readings=(row("cancel", at_s=0.2), reading((0, 2), took_s=1.0))),
        life(
            "abandon",
            ticks=50,
            readings=(
                reading((0, 4), told=None, kind="poll"),
                reading((0, 9), told="cancelled", kind="look"),
            ),
        ),
        life("abandon", ticks=50, readings=(reading(told=None, kind="look", **GONE),)),
    ],
    ids=["stream", "two readers", "poll", "cancelled", "bare end", "over first", "left", "gone"],
)
def test_nothing_is_found_where_all_went_well(rows: list[dict[str, Any]]) -> None:
    """Whole, in order, ended as it should."""
    assert found(rows) == []


@pytest.mark.parametrize(
    ("rows", "deviation"),
    [
        (life(readings=(reading((0, 0), (2, 2)),)), D.LOST),
        (life(readings=(reading((0, 1)),)), D.LOST),
        (life(readings=(reading((0, 2)), reading((0, 1)))), D.LOST),
        (life("cancel", readings=(reading((0, 0), (2, 2), told="cancelled"),)), D.LOST),
        (life(readings=(reading((0, 2), (1, 1)),)), D.DUPLICATED),
        (life(readings=(reading((1, 1), (0, 0), (2, 2)),)), D.REORDERED),
        (life(readings=(reading((0, 3)),)), D.NEVER_EMITTED),
        (life(readings=(reading((0, 2), told=None),)), D.NEVER_ENDED),
        (life(readings=(reading((0, 2), told=None, **LATE),)), D.NEVER_ENDED),
        (life(readings=(reading((0, 1), told="error"),)), D.WRONG_END),
        (life(readings=(reading((0, 1), told="cancelled"),)), D.WRONG_END),
        (life(readings=(reading(told=None, **GONE),)), D.LOST),
        (
            life("cancel", readings=(row("cancel", at_s=0.2), reading((0, 2), took_s=9.0))),
            D.NOT_CANCELLED,
        ),
        (
            life("abandon", ticks=9, readings=(reading((0, 5), told=None, kind="look", **LATE),)),
            D.NEVER_ENDED,
        ),
    ],
)
def test_what_went_wrong_is_found_and_named(
    rows: list[dict[str, Any]], deviation: Deviation
) -> None:
    """One deviation each."""
    assert found(rows) == [deviation]


@pytest.mark.parametrize(
    "rows",
    [
        life(readings=(reading((0, 1), told=None, **CUT),)),
        life("abandon", readings=(reading((0, 1), told=None, kind="poll"),)),
        life(),
    ],
    ids=["connection lost", "nobody looked", "nobody read"],
)
def test_what_cannot_be_known_is_not_held_against_the_target(rows: list[dict[str, Any]]) -> None:
    """A cut connection tells nothing of the job's end."""
    assert found(rows) == [D.UNSETTLED]


def test_a_submit_that_may_not_have_happened_is_nobodys_job() -> None:
    """Without a job's id there is nothing to hold it against."""
    rows = [row("submit", at_s=0.0, job=None, facts={"errand": "stream", "ticks": 3}, **CUT)]

    assert found(rows) == []


def test_a_prediction_without_its_result_did_not_end_as_it_should() -> None:
    """And one that was never answered, never ended."""
    plan = {"errand": "predict", "ticks": 3}
    wrong = row("predict", at_s=0.0, facts=plan, outcome="failed", detail="500")
    late = row("predict", at_s=0.0, facts=plan, **LATE)

    assert found([row("predict", at_s=0.0, facts=plan)]) == []
    assert found([wrong]) == [D.WRONG_END]
    assert found([late]) == [D.NEVER_ENDED]
