"""The lines of a trace: first and last operations, those that were wrong, how many lie between."""

from __future__ import annotations

import pytest

from queueproof.history import Operation
from queueproof.running.trace import trace_lines


def operations(number: int) -> list[Operation]:
    return [
        Operation(
            number=at,
            case="case",
            kind="poll",
            job=None,
            worker=None,
            invoked_s=float(at),
            ended_s=float(at),
        )
        for at in range(number)
    ]


def shown(number: int, *wrong: int) -> list[str]:
    """Which operations have a line, by their number; a star marks one that was wrong."""
    lines = trace_lines(operations(number), is_wrong=lambda each: each.number in wrong)
    told = []
    for line in lines:
        if "more operations" in line:
            told.append(line)
            continue
        at = line.split(".", 1)[0]
        assert line == operations(number)[int(at)].as_line() + (
            "  ← wrong here first" if int(at) in wrong else ""
        )
        told.append(at + "*" * (int(at) in wrong))
    return told


def numbers(*spans: tuple[int, int]) -> list[str]:
    return [str(at) for first, last in spans for at in range(first, last + 1)]


def test_up_to_sixteen_operations_are_all_told() -> None:
    assert shown(0) == []
    assert shown(16) == numbers((0, 15))


def test_of_more_the_first_and_the_last_eight_are_told() -> None:
    assert shown(17) == [*numbers((0, 7)), "        … 1 more operations", *numbers((9, 16))]
    assert shown(40) == [*numbers((0, 7)), "        … 24 more operations", *numbers((32, 39))]


@pytest.mark.parametrize("wrong", [0, 7, 33])
def test_one_that_is_told_anyway_is_marked(wrong: int) -> None:
    told = shown(40, wrong)

    assert f"{wrong}*" in told
    assert told[8] == "        … 24 more operations"
    assert len(told) == 17


def test_one_that_was_wrong_between_is_told_with_what_is_left_out_on_both_sides() -> None:
    assert shown(40, 20, 21) == [
        *numbers((0, 7)),
        "        … 12 more operations",
        "20*",
        "21*",
        "        … 10 more operations",
        *numbers((32, 39)),
    ]
    assert shown(20, 8) == [
        *numbers((0, 7)),
        "8*",
        "        … 3 more operations",
        *numbers((12, 19)),
    ]
