"""The delivery checker on legal, illegal and undecidable readings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueproof.checkers.delivery import DeliveryFindings, check_delivery, first_wrong

CLEAN = DeliveryFindings((), (), (), ())


@pytest.mark.parametrize("count", [0, 1, 12])
def test_every_tick_once_in_order_is_clean(count: int) -> None:
    """The legal reading."""
    assert check_delivery(range(count), list(range(count))) == CLEAN


@pytest.mark.parametrize(
    ("received", "findings"),
    [
        ([0, 1, 3], DeliveryFindings((2,), (), (), ())),
        ([0, 1, 1, 2, 3], DeliveryFindings((), (1,), (), ())),
        ([0, 2, 1, 3], DeliveryFindings((), (), (1,), ())),
        ([0, 1, 2, 3, 9], DeliveryFindings((), (), (), (9,))),
        ([3, 0, 0], DeliveryFindings((1, 2), (0,), (0,), ())),
        ([], DeliveryFindings((0, 1, 2, 3), (), (), ())),
    ],
)
def test_each_deviation_is_named(received: list[int], findings: DeliveryFindings) -> None:
    """Loss, duplication, reordering and invention are told apart."""
    assert check_delivery(range(4), received) == findings


def test_a_replay_from_the_start_is_duplication_not_reordering() -> None:
    """A second worker's own cursor repeats everything; that is one fault, not two."""
    findings = check_delivery(range(3), [0, 1, 0, 1, 2])

    assert findings.duplicated == (0, 1)
    assert not findings.reordered


@given(st.permutations(range(8)))
def test_a_permutation_is_clean_only_when_sorted(received: list[int]) -> None:
    """Order is judged exactly."""
    assert check_delivery(range(8), received).clean == (received == sorted(received))


@given(st.lists(st.integers(0, 9), max_size=30))
def test_findings_agree_with_counting(received: list[int]) -> None:
    """Missing and duplicated are what counting says they are."""
    findings = check_delivery(range(10), received)

    assert set(findings.missing) == set(range(10)) - set(received)
    assert set(findings.duplicated) == {n for n in received if received.count(n) > 1}


def test_the_words_show_a_few_examples_only() -> None:
    """A line stays a line."""
    words = check_delivery(range(100), []).words

    assert words == "100 missing (0, 1, 2, 3, 4, …)"


@pytest.mark.parametrize(
    ("received", "at"),
    [
        ([0, 1, 2, 3], None),
        ([0, 1, 2], None),
        ([], None),
        ([0, 1, 1, 2, 3], 2),
        ([0, 1, 3], 2),
        ([0, 2, 1, 3], 2),
        ([0, 1, 2, 3, 9], 4),
        ([0, 1, 0, 1, 2, 3], 2),
    ],
)
def test_the_first_wrong_tick_is_found(received: list[int], at: int | None) -> None:
    """Twice, too late, unasked, or past one that never came; nothing that came is wrong where the
    end is missing.
    """
    assert first_wrong(range(4), received) == at


@given(st.lists(st.integers(0, 8)))
def test_what_is_before_the_first_wrong_tick_is_clean(received: list[int]) -> None:
    at = first_wrong(range(6), received)

    before = received[:at]
    assert before == sorted(set(before))
    assert set(before) <= set(range(6))
    if at is None:
        assert before == list(range(len(before))), "with no gap either, but at the end"
