"""The checkers of steps and of overlaps, on hand-written histories."""

from __future__ import annotations

import pytest

from queueproof.checkers.overlap import most_at_once
from queueproof.checkers.steps import first_deviation, steps_told
from queueproof.history import Event, EventKind

B0, E0, B1, E1 = ("begin", 0), ("end", 0), ("begin", 1), ("end", 1)


def test_steps_are_read_from_events() -> None:
    events = [
        Event(EventKind.START, 0.0),
        Event(EventKind.OTHER, 0.1, text="begin tick-0"),
        Event(EventKind.TICK, 0.2, tick=0),
        Event(EventKind.OTHER, 0.3, text="begin Start"),
    ]

    assert steps_told(events, "begin ") == [B0, E0]


@pytest.mark.parametrize(
    ("told", "deviation"),
    [
        ([B0, E0, B1, E1], ""),
        ([B0, E0, B1], "the end of tick 1 never came"),
        ([B0, B1, E0, E1], "the begin of tick 1 came where the end of tick 0 was due"),
        ([B0, E0, E0, B1, E1], "the end of tick 0 came where the begin of tick 1 was due"),
        ([B0, E0, B1, E1, E1], "the end of tick 1 came after the last"),
        ([], "the begin of tick 0 never came"),
    ],
)
def test_the_first_deviation_is_named(told: list[tuple[str, int]], deviation: str) -> None:
    assert first_deviation(told, range(2)) == deviation


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        ([], 0),
        ([(0.0, 1.0)], 1),
        ([(0.0, 1.0), (1.0, 2.0)], 1),
        ([(0.0, 1.0), (0.9, 2.0), (0.95, 0.99)], 3),
        ([(0.0, 3.0), (1.0, 2.0), (2.5, 2.9)], 2),
    ],
)
def test_the_most_at_once(spans: list[tuple[float, float]], most: int) -> None:
    assert most_at_once(spans) == most
