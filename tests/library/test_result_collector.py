"""Doubts are settled by a second look, and nothing that was seen is lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import Inconclusive, NotAssessed, Violation
from queueproof.history import History
from queueproof.reporting.model import CaseResult
from queueproof.running.marks import CaseMark
from queueproof.running.result_collector import ResultCollector
from queueproof.running.standstill import MetStandstill
from queueproof.running.strain import Strain
from queueproof.verdicts import Verdict

CASE: Any = SimpleNamespace(id="case", title="title", mark=CaseMark(requirement="POLL-003"))
VIOLATION = Violation(expected="this", actual="that")
SLOW = Strain(waiting=0.9)


def collector() -> ResultCollector:
    return ResultCollector(RunConfig(target=TargetConfig(), embedded=True, seed=7), History())


def told(result: CaseResult | None) -> CaseResult:
    assert result is not None
    return result


def test_a_violation_under_strain_waits_for_a_second_look() -> None:
    collected = collector()

    assert collected.enter(CASE, VIOLATION, 1.0, SLOW) is None

    assert collected.doubted([CASE]) == [CASE]
    assert collected.results == []


def test_what_may_be_a_coincidence_waits_for_a_second_look_however_calm_the_machine() -> None:
    """A stranger's one job is counted once; what the target does wrong, it does again."""
    collected, by_chance = (
        collector(),
        Violation(expected="+0", actual="+1", coincidence="a client's job"),
    )

    assert collected.enter(CASE, by_chance, 1.0, Strain()) is None
    failed = told(collected.enter(CASE, by_chance, 1.0, Strain()))
    collected = collector()
    collected.enter(CASE, by_chance, 1.0, Strain())
    passed = told(collected.enter(CASE, None, 1.0, Strain()))

    assert (failed.verdict, failed.actual) == (Verdict.FAILED, "+1")
    assert passed.verdict is Verdict.INCONCLUSIVE
    assert "a client's job, and the case saw: expected +0; actual +1" in passed.reason


def test_seen_twice_it_is_a_failure_even_on_a_slow_machine() -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)

    result = told(collected.enter(CASE, VIOLATION, 1.0, SLOW))

    assert (result.verdict, result.actual) == (Verdict.FAILED, "that")


def test_seen_once_it_is_inconclusive_and_both_looks_are_told() -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)

    result = told(collected.enter(CASE, None, 1.0, Strain()))

    assert result.verdict is Verdict.INCONCLUSIVE
    assert "that" in result.reason
    assert "passed" in result.reason


@pytest.mark.parametrize(
    "second", [Inconclusive("a reader came late"), NotAssessed("the target is gone")]
)
def test_a_second_look_without_a_verdict_loses_nothing_of_the_first(second: Exception) -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)

    result = told(collected.enter(CASE, second, 1.0, Strain()))

    assert result.verdict is Verdict.INCONCLUSIVE
    assert "that" in result.reason
    assert str(second) in result.reason


def test_our_own_error_on_a_second_look_is_ours_and_tells_the_first() -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)

    result = told(collected.enter(CASE, KeyError("x"), 1.0, Strain()))

    assert result.verdict is Verdict.ERROR
    assert "that" in result.reason


def test_a_doubt_that_can_no_longer_be_asked_about_is_never_not_assessed() -> None:
    collected = collector()
    collected.enter(CASE, Inconclusive("the job began late"), 1.0, SLOW)

    result = told(collected.enter(CASE, NotAssessed("the target is gone"), 1.0, Strain()))

    assert result.verdict is Verdict.INCONCLUSIVE
    assert "began late" in result.reason
    assert "the target is gone" in result.reason


def third_look(error: Exception | None, strain: Strain) -> CaseResult:
    """A case seen to fail under strain and to pass alone, looked at once more in company."""
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)
    assert collected.enter(CASE, None, 1.0, Strain(), in_company=True) is None
    assert collected.wanting_company([CASE]) == [CASE]
    result = told(collected.enter(CASE, error, 1.0, strain, in_company=True))
    assert collected.wanting_company([CASE]) == []
    return result


def test_a_race_that_needs_company_is_a_failure_when_a_calm_machine_sees_it_there() -> None:
    assert third_look(VIOLATION, Strain()).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("error", "strain"),
    [(None, Strain()), (Inconclusive("too late"), Strain()), (VIOLATION, SLOW)],
)
def test_a_third_look_that_proves_nothing_leaves_all_three_told(
    error: Exception | None, strain: Strain
) -> None:
    result = third_look(error, strain)

    assert result.verdict is Verdict.INCONCLUSIVE
    for words in ("while it saw", "second look, alone, it passed", "third"):
        assert words in result.reason


def test_a_third_look_that_never_came_leaves_both_told() -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)
    collected.enter(CASE, None, 1.0, Strain(), in_company=True)

    collected.close([CASE], "the run ended early")

    [result] = collected.results
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "that" in result.reason
    assert "passed" in result.reason


def test_a_case_without_a_verdict_under_strain_has_that_of_the_second_look() -> None:
    for error, verdict in ((None, Verdict.PASSED), (VIOLATION, Verdict.FAILED)):
        collected = collector()

        assert collected.enter(CASE, Inconclusive("the job began late"), 1.0, SLOW) is None

        assert told(collected.enter(CASE, error, 1.0, Strain())).verdict is verdict


def test_a_violation_seen_for_the_first_time_on_a_strained_second_look_blames_nobody() -> None:
    collected = collector()
    collected.enter(CASE, Inconclusive("the job began late"), 1.0, SLOW)

    result = told(collected.enter(CASE, VIOLATION, 1.0, SLOW))

    assert result.verdict is Verdict.INCONCLUSIVE
    assert "that" in result.reason


def test_a_case_without_a_verdict_on_a_quiet_machine_is_not_asked_again() -> None:
    result = told(collector().enter(CASE, Inconclusive("no such job"), 1.0, Strain()))

    assert result.verdict is Verdict.INCONCLUSIVE


def test_a_case_whose_neighbours_may_have_spoilt_it_is_asked_again_alone_if_that_is_cheap() -> None:
    late = Inconclusive("the poll was given up too late")
    for error, verdict in ((None, Verdict.PASSED), (VIOLATION, Verdict.FAILED)):
        collected = collector()

        assert collected.enter(CASE, late, 20.0, Strain(), in_company=True) is None

        assert told(collected.enter(CASE, error, 1.0, Strain())).verdict is verdict
    dear = told(collector().enter(CASE, late, 20.1, Strain(), in_company=True))
    assert dear.verdict is Verdict.INCONCLUSIVE


def test_a_doubt_outlives_an_interrupted_run() -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)

    collected.close([CASE], "interrupted by SIGINT")

    assert [result.verdict for result in collected.results] == [Verdict.INCONCLUSIVE]
    assert "that" in collected.results[0].reason


def test_a_case_that_never_ran_says_why() -> None:
    collected = collector()

    collected.close([CASE], "interrupted by SIGINT")

    assert [(one.verdict, one.reason) for one in collected.results] == [
        (Verdict.NOT_ASSESSED, "interrupted by SIGINT")
    ]


def test_a_failure_names_the_command_that_shows_it_again() -> None:
    result = told(collector().enter(CASE, VIOLATION, 1.0, Strain()))

    assert result.reproduce == "queueproof gate --only POLL-003 --seed 7"


def test_what_the_lab_started_is_reproduced_by_the_lab() -> None:
    config = RunConfig(
        target=TargetConfig(workers=3), embedded=True, seed=7, lab="langflow==1.13.0"
    )

    result = told(ResultCollector(config, History()).enter(CASE, VIOLATION, 1.0, Strain()))

    assert (
        result.reproduce == "queueproof lab langflow==1.13.0 --workers 3 --only POLL-003 --seed 7"
    )


SEEN_FIRST = "the harness waited for a processor 90% of the time while it saw: "
ALONE = "on a second look, alone, "
BESIDE = "on a third, beside the cases that ran with it first, "


def test_every_look_is_told_word_by_word() -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)
    second = told(collected.enter(CASE, Inconclusive("too late"), 1.0, Strain()))
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)
    collected.enter(CASE, None, 1.0, Strain(), in_company=True)
    third = told(collected.enter(CASE, VIOLATION, 1.0, SLOW))

    assert second.reason == f"{SEEN_FIRST}{VIOLATION}; {ALONE}inconclusive: too late"
    looks = f"{SEEN_FIRST}{VIOLATION}; {ALONE}it passed; {BESIDE}it saw: {VIOLATION}"
    assert third.reason == f"{looks}, while {SLOW}"


@pytest.mark.parametrize("slow", [Strain(waiting=0.9), Strain(pulse_s=5.0)])
def test_seen_twice_alone_no_slowness_is_an_excuse(slow: Strain) -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)

    assert told(collected.enter(CASE, VIOLATION, 1.0, slow)).verdict is Verdict.FAILED


def test_seen_twice_by_a_harness_that_was_itself_late_it_proves_nothing() -> None:
    collected = collector()
    collected.enter(CASE, VIOLATION, 1.0, SLOW)

    assert told(collected.enter(CASE, VIOLATION, 1.0, Strain(lag_s=5.0))).verdict is (
        Verdict.INCONCLUSIVE
    )


def test_our_own_error_on_a_third_look_is_ours() -> None:
    assert third_look(KeyError("x"), Strain()).verdict is Verdict.ERROR


def test_a_result_is_of_its_case() -> None:
    collected = collector()
    result = told(collected.enter(CASE, None, 1.5, Strain()))
    collected.close([CASE], "the run ended early")
    other: Any = SimpleNamespace(id="other", title="another", mark=CASE.mark)
    collected.close([other], "the run ended early")

    assert [(one.id, one.title, one.duration_s) for one in collected.results] == [
        ("case", "title", 1.5),
        ("other", "another", 0.0),
    ]
    assert result is collected.results[0]


def test_a_case_that_met_a_standstill_is_asked_again_however_calm_the_machine() -> None:
    """Then it has the verdict of the second look: what it saw first was due to another cause."""
    met = MetStandstill("worker a begins none; the case saw: that")
    passed, failed, met_twice = collector(), collector(), collector()
    for book in (passed, failed, met_twice):
        assert book.enter(CASE, met, 1.0, Strain()) is None

    assert told(passed.enter(CASE, None, 1.0, Strain())).verdict is Verdict.PASSED
    assert told(failed.enter(CASE, VIOLATION, 1.0, Strain())).verdict is Verdict.FAILED
    result = told(met_twice.enter(CASE, met, 1.0, Strain()))
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, str(met))
