"""Which values of a JSON document are numbers."""

from __future__ import annotations

import pytest

from queueproof.json_numbers import as_whole, is_number, is_whole


@pytest.mark.parametrize(
    ("value", "number", "whole"),
    [
        (0, True, True),
        (-3, True, True),
        (3.0, True, False),
        (True, False, False),
        (False, False, False),
        ("3", False, False),
        (None, False, False),
        ([3], False, False),
    ],
)
def test_a_boolean_is_no_number_and_a_fraction_is_not_whole(
    value: object, number: bool, whole: bool
) -> None:
    assert is_number(value) is number
    assert is_whole(value) is whole


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (3, 3),
        (3.0, 3),
        (-0.0, 0),
        (3.5, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        ("3", None),
        (None, None),
    ],
)
def test_a_whole_number_may_be_written_with_a_point(value: object, whole: int | None) -> None:
    assert as_whole(value) == whole
