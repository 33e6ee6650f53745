"""The rounds of a run: in which order cases are looked at, beside whom, and how often."""

from __future__ import annotations

from queueproof.errors import (
    HarnessError,
    Inconclusive,
    NotAssessed,
    TargetUnreachable,
    Violation,
)
from queueproof.requirements import Access

from .case_rounds import SEEN, STARVED, Setting, case


def test_what_is_told_of_a_run_of_nothing() -> None:
    assert Setting().play() == ["# running cases side by side", "set going"]


def test_cases_come_in_their_rounds() -> None:
    """Looks at counters first, then side by side, those that must be alone, what closes the run."""
    setting = Setting()
    setting.rows["TEST-ADMIN"] = {"access": Access.ADMIN}
    cases = [
        case("closing", closing=True),
        case("alone", alone=True),
        case("one"),
        case("admin", alone=True),
    ]

    assert setting.play(*cases) == [
        "# looking at the target before it is busy",
        *("started admin", "admin", "left admin", "admin: passed"),
        "# running cases side by side",
        *("started one", "one", "left one", "one: passed"),
        "# running cases that need the target alone",
        *("started alone", "alone", "left alone", "alone: passed"),
        "set going",
        "# looking at what all of it has left behind",
        *("started closing", "closing", "left closing", "closing: passed"),
    ]
    assert setting.session.testscollected == 1
    assert setting.session.testsfailed == 0


def test_where_there_are_copies_what_must_be_alone_comes_side_by_side() -> None:
    told = Setting(lanes=1).play(case("alone", alone=True))

    assert told[0] == "# running cases side by side"
    assert "# running cases that need the target alone" not in told


def test_what_cannot_be_asked_has_its_result_at_once_and_the_rest_is_planned() -> None:
    setting = Setting()
    setting.not_askable["TEST-ONE"] = NotAssessed("no access")
    setting.play(case("one"), case("two", wait=lambda timings: 2 * timings.answer_s))

    assert setting.told[0] == "one: not assessed"
    assert setting.collector.results[0].duration_s == 0.0
    assert setting.verdicts == {"one": "not assessed", "two": "passed"}
    assert setting.progress.plans == [("two", "TEST-TWO", 10.0)]


def test_side_by_side_no_more_run_at_once_than_the_target_bears() -> None:
    for at_once in (2, 3):
        setting = Setting(at_once=at_once)
        setting.play(*(case(name) for name in "abcde"))
        assert setting.runner.most_at_work == at_once


# -- looks ---------------------------------------------------------------------------------------


def looks(setting: Setting, name: str) -> int:
    return setting.told.count(name)


def test_what_was_seen_under_strain_is_looked_at_again_alone() -> None:
    setting = Setting()
    setting.strain = STARVED
    setting.runner.outcomes["one"] = [SEEN, SEEN]

    told = setting.play(case("one"))

    at = told.index("# looking again at what was seen under strain")
    assert told[at - 2 :] == [
        "postponed one",
        "set going",
        "# looking again at what was seen under strain",
        *("started one", "one", "left one", "one: failed"),
    ]


def test_what_only_company_shows_is_looked_at_a_third_time_beside_those_of_the_first() -> None:
    setting = Setting()
    setting.strain = STARVED
    setting.runner.outcomes["one"] = [SEEN, None, SEEN]

    told = setting.play(case("one"), case("two"))

    at = told.index("# looking once more, in company")
    assert sorted(told[at + 1 :]) == sorted(
        ["two", "started one", "one", "left one", "one: failed"]
    )
    assert looks(setting, "started two") == 1, "it is company, and has had its verdict"
    assert setting.verdicts == {"one": "failed", "two": "passed"}


def test_company_ends_with_the_look_that_it_was_for() -> None:
    setting = Setting()
    setting.strain = STARVED
    setting.runner.outcomes["one"] = [SEEN, None, SEEN]
    setting.runner.took_s["two"] = 50.0

    setting.play(case("one"), case("two"))

    assert looks(setting, "two") == 2
    assert looks(setting, "left two") == 1
    assert setting.runner.at_work == set()


def test_third_looks_are_bounded_together_and_what_is_left_keeps_its_doubt() -> None:
    setting = Setting()
    setting.strain = STARVED
    for name in ("one", "two", "three"):
        setting.runner.outcomes[name] = [SEEN, None, SEEN]
        setting.runner.took_s[name] = 30.0

    setting.play(case("one"), case("two"), case("three"))

    assert sorted(setting.verdicts.values()) == ["failed", "failed"], "after a minute no more"
    assert len(setting.collector.doubted([case(name) for name in ("one", "two", "three")])) == 1


def test_what_all_has_left_behind_is_looked_at_again_too() -> None:
    setting = Setting()
    setting.strain = STARVED
    setting.runner.outcomes["closing"] = [SEEN, SEEN]

    told = setting.play(case("closing", closing=True))

    assert told[-5:] == [
        "# looking again at what was left behind",
        *("started closing", "closing", "left closing", "closing: failed"),
    ]


def test_what_a_look_came_to_is_set_against_standstills_and_what_stands_in_front() -> None:
    setting = Setting()
    setting.runner.outcomes["one"] = [Violation(expected="this", actual="that")]
    setting.play(case("one"))

    [result] = setting.collector.results
    assert result.actual.startswith("that (seen through nginx:")
    assert result.duration_s == 1.0
    assert setting.asked_since == [0.0, 0.0], "what was gone, and how strained it was"
    assert setting.barred.attributed == [("one", ["job of one"])]


def test_a_case_whose_ground_fails_has_that_as_its_outcome() -> None:
    setting = Setting()
    setting.runner.ground_fails["one"] = Inconclusive("no copy could be launched")
    setting.play(case("one"), case("two"))

    assert setting.verdicts == {"one": "inconclusive", "two": "passed"}
    assert [each.duration_s for each in setting.collector.results] == [0.0, 1.0]


def test_of_a_target_that_is_ours_a_violation_is_the_targets() -> None:
    """Nothing went away by itself, and nothing stands in front."""
    setting = Setting()
    setting.rounds.environment.main_lane = object()
    setting.runner.outcomes["one"] = [Violation(expected="this", actual="that")]
    setting.play(case("one"))

    assert setting.collector.results[0].actual == "that"


def test_a_target_that_is_gone_ends_the_run() -> None:
    async def healthy() -> bool:
        return False

    setting = Setting()
    setting.main.healthy = healthy
    gone = TargetUnreachable("it refuses connections")
    setting.runner.outcomes["one"] = [gone]
    setting.play(case("one", alone=True), case("two", closing=True))

    assert setting.end.error is gone
    assert setting.verdicts == {"one": "not assessed"}


def test_when_the_end_is_reached_no_further_case_is_looked_at() -> None:
    for reach in (
        lambda end: end.fail(HarnessError("broken")),
        lambda end: end.interrupt("interrupted by SIGINT"),
    ):
        setting = Setting()
        reach(setting.end)
        assert setting.play(case("one")) == ["# running cases side by side", "set going"]
        assert setting.verdicts == {}


# -- standstills ---------------------------------------------------------------------------------


def test_cases_that_a_standstill_bars_are_played_when_the_target_goes_again() -> None:
    setting = Setting()
    setting.barred.names = {"one"}
    setting.barred.goes_again = True

    told = setting.play(case("one"), case("two"))

    assert told.index("two: passed") < told.index("set going") < told.index("one: passed")


def test_barred_for_ever_they_are_looked_at_once_more_and_then_come_to_no_verdict() -> None:
    setting = Setting()
    setting.barred.names = {"one"}

    told = setting.play(case("one"))

    assert looks(setting, "one") == 0
    assert told == [
        "# running cases side by side",
        *("set going", "postponed one", "set going"),
        "# looking again at what was seen under strain",
        "one: inconclusive",
    ]
    assert setting.collector.results[0].duration_s == 0.0
