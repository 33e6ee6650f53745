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


def told(rows: list[dict[str, Any]]) -> list[tuple[str, float, str]]:
    return [(one.job, one.at_s, one.words) for one in check_life(rows, effect_s=EFFECT_S)]


def test_a_finding_says_which_job_when_and_what() -> None:
    """In words that need no code beside them."""
    lost = reading((0, 0), (2, 2))
    bare = reading((0, 2), told=None)
    late = reading((0, 2), told=None, **LATE)

    assert told(life(readings=(lost,))) == [("j1", lost["ended_s"], "ticks 1 of 3")]
    assert told(life(readings=(bare,)))[0][2] == "the reading ended, and no end was told"
    assert told(life(readings=(late,)))[0][2] == "no answer within 60.0 s, and no end was told"
    assert told(life())[0][2] == "nobody came to read its end"


def test_of_many_wrong_ticks_the_first_five_are_named() -> None:
    five, six = reading((5, 9)), reading((6, 9))

    assert told(life(ticks=10, readings=(five,)))[0][2] == "ticks 0, 1, 2, 3, 4 of 10"
    assert told(life(ticks=10, readings=(six,)))[0][2] == "ticks 0, 1, 2, 3, 4, … of 10"


def test_a_reading_that_is_still_open_counts_from_when_it_was_asked_for() -> None:
    """It has no end of its own."""
    open_still = reading((0, 0), told=None, **CUT) | {"ended_s": None}

    assert told(life(readings=(open_still,)))[0][1] == open_still["invoked_s"]


def test_rows_that_tell_of_no_facts_are_no_plan() -> None:
    """A fault is noted among a job's rows, too."""
    noted = row("note", at_s=0.0)
    noted.pop("facts", None)

    assert found([noted]) == []
    assert found([noted, *life(readings=(reading((0, 2)),))]) == []


def test_nothing_is_read_of_a_job_that_is_submitted_and_left() -> None:
    """Nobody was meant to."""
    assert found(life("submit")) == []


def test_a_polled_job_that_nobody_polled_is_not_known() -> None:
    assert found(life("poll")) == [D.UNSETTLED]


def test_a_reader_of_a_cancelled_job_that_got_no_answer_says_so() -> None:
    """How the job ended is not known, be the reading a cut one or a late one."""
    asked = row("cancel", at_s=0.2)
    late, cut = (reading((0, 1), told=None, **how) for how in (LATE, CUT))

    assert found(life("cancel", readings=(asked, late))) == [D.NEVER_ENDED]
    assert told(life("cancel", readings=(asked, cut)))[0][2] == (
        "its end was not read: connection lost"
    )
    assert found(life("cancel", readings=(asked, reading((0, 1), told="error", **CUT)))) == []


def test_a_cancel_that_was_refused_stops_nothing() -> None:
    refused = row("cancel", at_s=0.2, outcome="failed")

    assert found(life("cancel", readings=(refused, reading((0, 2), took_s=9.0)))) == []


def test_a_cancelled_job_that_ended_just_in_time_stopped_in_time() -> None:
    """The bound belongs to what is allowed."""
    asked = row("cancel", at_s=0.25, took_s=0.0)
    in_time = reading((0, 2)) | {"ended_s": asked["ended_s"] + EFFECT_S}
    late = reading((0, 2)) | {"ended_s": asked["ended_s"] + EFFECT_S + 1.0}

    assert found(life("cancel", readings=(asked, in_time))) == []
    assert told(life("cancel", readings=(asked, late)))[0][2] == (
        f"it went on for {EFFECT_S + 1.0:.1f} s to its own end"
    )


def test_a_reclaimed_job_is_judged_by_the_look_alone() -> None:
    late = reading((0, 5), told=None, kind="look", **LATE)
    cut = reading((0, 5), told=None, kind="look", **CUT)
    refused = reading(told=None, kind="look", **GONE)

    assert told(life("abandon", ticks=9, readings=(late,)))[0][2] == (
        "it still ran when it had to be reclaimed"
    )
    assert told(life("abandon", ticks=9, readings=(cut,)))[0][2] == (
        "its end was not read: connection lost"
    )
    assert found(life("abandon", ticks=9, readings=(refused,))) == []


def test_a_failed_prediction_is_told_in_its_own_words() -> None:
    plan = {"errand": "predict", "ticks": 3}

    [words] = told([row("predict", at_s=0.0, facts=plan, outcome="failed", detail="500 no")])

    assert words[2] == "500 no"


def test_a_reading_without_any_tick_has_no_gap() -> None:
    cancelled = reading(told="cancelled")

    assert found(life("cancel", readings=(row("cancel", at_s=0.2), cancelled))) == []
