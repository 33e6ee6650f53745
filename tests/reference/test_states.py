"""The life of a job: every state against every signal."""

from __future__ import annotations

import itertools

import pytest

from reference_impl.core.states import (
    FINAL_STATES,
    TRANSITIONS,
    JobState,
    Signal,
    SignalRefused,
    advance,
)

OUTCOMES = {
    Signal.WRITE: JobState.RUNNING,
    Signal.FINISH: JobState.COMPLETED,
    Signal.FAIL: JobState.FAILED,
    Signal.CANCEL: JobState.CANCELLED,
    Signal.LOSE: JobState.FAILED,
}
LIVING = [state for state in JobState if state not in FINAL_STATES]


@pytest.mark.parametrize(("state", "signal"), list(itertools.product(LIVING, Signal)))
def test_a_job_that_is_not_over_takes_every_signal(state: JobState, signal: Signal) -> None:
    """What follows depends on the signal alone."""
    assert advance(state, signal) is OUTCOMES[signal]


@pytest.mark.parametrize(
    ("state", "signal"), list(itertools.product(sorted(FINAL_STATES, key=str), Signal))
)
def test_a_job_that_is_over_refuses_every_signal(state: JobState, signal: Signal) -> None:
    """The first end wins; nothing is written after it."""
    with pytest.raises(SignalRefused):
        advance(state, signal)


def test_the_table_names_every_living_state_and_no_other() -> None:
    """No pair is missing by accident."""
    assert set(TRANSITIONS) == set(itertools.product(LIVING, Signal))


def test_nothing_leads_back_to_the_start() -> None:
    """The startup grace can apply only once."""
    assert JobState.STARTING not in TRANSITIONS.values()


@pytest.mark.parametrize("state", list(JobState))
def test_a_client_is_told_that_a_job_runs_until_it_is_over(state: JobState) -> None:
    """``starting`` is nobody's business."""
    assert state.public == (state.value if state in FINAL_STATES else "running")
