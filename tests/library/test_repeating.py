"""Many runs in one result: deviations are counted, bounded, and never hidden."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueproof.checkers.bounds import upper_bound
from queueproof.reporting.model import (
    CaseResult,
    RequirementResult,
    RunInfo,
    RunResult,
    TargetInfo,
)
from queueproof.running.repeating import RepeatedRun, deviations_of, summary_of
from queueproof.verdicts import ExitCode, Verdict, exit_code_for

CASE = CaseResult(
    id="case", requirement="POLL-003", title="It holds.", verdict=Verdict.PASSED, duration_s=1.0
)


def run(
    number: int, verdict: Verdict, *, of_case: Verdict | None = None, code: ExitCode | None = None
) -> RepeatedRun:
    """A run of one case."""
    row = RequirementResult(
        id="POLL-003",
        level="MUST",
        area="polling",
        sentence="It holds.",
        source="a document",
        access="http",
        cases=(replace(CASE, verdict=of_case or verdict, actual="21 deliveries"),),
    )
    result = RunResult(
        kind="gate",
        run=RunInfo(
            id=f"{number}",
            started_at="2026-01-01T00:00:00+00:00",
            duration_s=1.0,
            command="queueproof gate",
            seed=number,
            tool_version="0",
        ),
        target=TargetInfo(
            contract="langflow", urls=(), version=None, workers=(), timings={}, access=()
        ),
        verdict=verdict,
        exit_code=code or exit_code_for(verdict),
        requirements=(row,),
    )
    return RepeatedRun(result, f"run-{number:03d}")


def runs(*verdicts: Verdict) -> list[RepeatedRun]:
    return [run(number, verdict) for number, verdict in enumerate(verdicts, 1)]


class TestTheBound:
    """Exact, one-sided, 95 %."""

    @pytest.mark.parametrize(
        ("deviations", "times", "bound"),
        [(0, 1, 0.95), (0, 100, 0.029513), (1, 100, 0.046560), (3, 20, 0.343664), (5, 5, 1.0)],
    )
    def test_known_values(self, deviations: int, times: int, bound: float) -> None:
        """From tables of the Clopper-Pearson interval."""
        assert upper_bound(deviations, times) == pytest.approx(bound, abs=1e-5)

    @given(times=st.integers(1, 60), data=st.data())
    def test_at_the_bound_so_few_deviations_are_as_unlikely_as_allowed(
        self, times: int, data: st.DataObject
    ) -> None:
        """The definition, checked the other way round."""
        deviations = data.draw(st.integers(0, times - 1))
        p = upper_bound(deviations, times)

        chance = sum(comb(times, k) * p**k * (1 - p) ** (times - k) for k in range(deviations + 1))

        assert chance == pytest.approx(0.05, abs=1e-6)

    def test_more_deviations_than_runs_are_refused(self) -> None:
        """Somebody has miscounted."""
        with pytest.raises(ValueError, match="3 deviations of 2 runs"):
            upper_bound(3, 2)


def test_runs_without_a_deviation_pass_and_say_what_that_proves() -> None:
    """The bound, not a promise."""
    result = summary_of(runs(*[Verdict.PASSED] * 3), planned=3)

    [case] = result.requirements[0].cases
    assert (result.verdict, result.exit_code) == (Verdict.PASSED, ExitCode.PASSED)
    assert "0 of 3 runs deviated; at most 63.16%" in case.title


@pytest.mark.parametrize("deviant", [Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.ERROR])
def test_one_deviating_run_decides(deviant: Verdict) -> None:
    """However many passed before and after; where it is said stands beside it."""
    result = summary_of(runs(Verdict.PASSED, deviant, Verdict.PASSED), planned=3)

    [case] = result.requirements[0].cases
    assert (result.verdict, case.verdict) == (deviant, deviant)
    assert "1 of 3 runs deviated" in case.title
    assert case.history_refs == ("run-002/report.json",)


def test_not_assessed_in_one_run_alone_is_a_deviation() -> None:
    """In every run it is none."""
    some = runs(Verdict.PASSED, Verdict.NOT_ASSESSED)
    never = runs(Verdict.NOT_ASSESSED, Verdict.NOT_ASSESSED)

    assert ([p.folder for p in deviations_of("case", some)[0]]) == ["run-002"]
    assert deviations_of("case", never) == ([], 0)
    assert summary_of(some, planned=2).verdict is Verdict.INCONCLUSIVE


def test_the_exit_code_is_the_worst() -> None:
    """A target that was gone in one run is not excused by a failure in another."""
    played = [
        run(1, Verdict.FAILED),
        run(2, Verdict.ERROR, of_case=Verdict.NOT_ASSESSED, code=ExitCode.UNREACHABLE),
        run(3, Verdict.PASSED),
    ]

    assert summary_of(played, planned=3).exit_code is ExitCode.UNREACHABLE


def test_runs_that_were_not_played_are_missed() -> None:
    """Half a repetition proves half."""
    result = summary_of(runs(Verdict.PASSED), planned=2)

    assert result.verdict is Verdict.INCONCLUSIVE
    assert "only 1 of 2 runs" in result.run.interrupted
