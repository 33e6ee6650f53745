"""What the self-check of a mapping calls a mistake, and what it leaves to the gate."""

from __future__ import annotations

from typing import Any

import pytest

from queueproof.config.mapping import JobMapping
from queueproof.errors import UsageError
from queueproof.targets.generic.events import EventReader
from queueproof.targets.generic.mistakes import judge_events, judge_path
from queueproof.targets.http import Exchange

from .test_mapping import event, mapping

TICKS = 3


def judge(numbers: list[int], *, first: int = 0, others: tuple[str, ...] = ("finished",)) -> None:
    """The events of a whole job whose ticks have these numbers, and events of other kinds."""
    made: JobMapping = mapping(event=event(first=first))
    bodies: list[Any] = [{"type": "step", "step": number} for number in numbers]
    bodies += [{"type": other} for other in others]
    judge_events(made, EventReader(made, lambda: 0.0), bodies, call=made.calls["poll"], ticks=TICKS)


@pytest.mark.parametrize("first", [-3, 0, 1, 7])
def test_numbers_from_the_mappings_first_on_are_right(first: int) -> None:
    judge([first, first + 1, first + 2], first=first)


@pytest.mark.parametrize(("first", "said"), [(1, 0), (100, 0), (-1, 0), (0, 5), (6, 5)])
def test_all_numbers_off_by_the_same_are_the_mappings_mistake(first: int, said: int) -> None:
    with pytest.raises(UsageError, match=rf"first = {first}, but .* say first = {said}$"):
        judge([said, said + 1, said + 2], first=first)


@pytest.mark.parametrize(
    "numbers", [[1, 2], [0, 2], [0, 1, 2, 2], [2, 1, 0], [1, 2, 4], [0, 1, 2, 3]]
)
def test_numbers_that_are_lost_doubled_or_out_of_order_are_the_targets(numbers: list[int]) -> None:
    """The gate judges them; nothing in the mapping could mend that."""
    judge(numbers)


def test_known_words_without_a_tick_are_left_to_the_gate() -> None:
    judge([], others=("finished",))


def test_an_unknown_word_where_ticks_should_be_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="matched none of the events"):
        judge([], others=("stepped", "finished"))


def test_an_empty_answer_is_no_proof_of_a_wrong_path() -> None:
    made = mapping()
    answers = [Exchange(status=204), Exchange(status=200, text="")]

    judge_path(made, "cancel.success", made.calls["cancel"], answers)
