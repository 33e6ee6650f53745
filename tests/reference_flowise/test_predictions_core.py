"""The life of a prediction, decided without I/O."""

from __future__ import annotations

import itertools

import pytest

from reference_impl.core.predictions import (
    EXPLANATIONS,
    FINAL_STATES,
    TRANSITIONS,
    Delivery,
    HoldRule,
    Pickup,
    Reason,
    Signal,
    State,
    judge_sequence,
    pickup,
    sources,
    still_hears,
    target,
)


def test_a_final_state_takes_no_signal() -> None:
    """The first ending wins; every later one is told so."""
    pairs = itertools.product(FINAL_STATES, Signal)
    assert not [pair for pair in pairs if pair in TRANSITIONS]


@pytest.mark.parametrize("signal", Signal)
def test_a_signal_leads_to_one_state_wherever_it_is_taken(signal: Signal) -> None:
    """So that one conditional update can carry it out."""
    assert {TRANSITIONS[state, signal] for state in sources(signal)} == {target(signal)}


def test_only_a_waiting_prediction_is_begun() -> None:
    """A second start would be a second run."""
    assert sources(Signal.START) == (State.WAITING,)


@pytest.mark.parametrize(
    ("state", "waited_s", "verdict"),
    [
        (State.WAITING, 1, Pickup.RUN),
        (State.WAITING, 11, Pickup.TOO_LATE),
        (State.RUNNING, 1, Pickup.DECLARE_DEAD),
        (State.COMPLETED, 1, Pickup.SETTLED),
        (State.ABORTED, 11, Pickup.SETTLED),
    ],
)
def test_what_a_worker_does_with_a_job_it_is_handed(
    state: State, waited_s: float, verdict: Pickup
) -> None:
    """What had begun is never begun again; what had not is run, while somebody may wait for it."""
    assert pickup(state=state, waited_s=waited_s, wait_s=10) is verdict


@pytest.mark.parametrize(
    ("number", "verdict"), [(3, Delivery.OLD), (4, Delivery.NEXT), (5, Delivery.GAP)]
)
def test_a_reader_takes_the_next_number_and_no_other(number: int, verdict: Delivery) -> None:
    """After three events."""
    assert judge_sequence(delivered=3, number=number) is verdict


def test_a_dead_worker_is_noticed_within_twice_its_lock() -> None:
    """And the lock is renewed often enough to lose a renewal and live."""
    hold = HoldRule(8)
    assert hold.lock_s < hold.noticed_within_s <= 2 * hold.lock_s
    assert 2 * hold.renew_window_s <= hold.lock_s


def test_silence_is_not_hearing() -> None:
    """A connection that never answered, or not lately, counts as dead."""
    assert not still_hears(last_s=None, now_s=1, bound_s=3)
    assert still_hears(last_s=1, now_s=4, bound_s=3)
    assert not still_hears(last_s=1, now_s=5, bound_s=3)


def test_every_ending_without_a_result_explains_itself() -> None:
    """But for a flow's own error, whose words are its own."""
    assert set(EXPLANATIONS) == set(Reason) - {Reason.FLOW}
