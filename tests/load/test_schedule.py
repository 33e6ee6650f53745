"""Arrivals: at the rates declared, the same in every process, each played by exactly one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from queueproof.load.schedule import Stretch, arrivals, share

STRETCHES = (
    Stretch(name="quiet", lasts_s=10.0, rate=20.0, to=20.0),
    Stretch(name="rising", lasts_s=10.0, rate=20.0, to=60.0),
    Stretch(name="none", lasts_s=5.0, rate=0.0, to=0.0),
    Stretch(name="falling", lasts_s=4.0, rate=10.0, to=0.0),
)


def test_even_arrivals_come_as_often_as_their_stretch_says() -> None:
    """A steady rate, a rising one, none, and one that falls to nothing."""
    instants = [one.at_s for one in arrivals(STRETCHES, [1], spacing="even", seed=1)]

    held = [sum(a <= at < b for at in instants) for a, b in ((0, 10), (10, 20), (20, 25), (25, 29))]
    assert held == [200, 400, 0, 20]
    assert instants == sorted(instants)
    assert {round(b - a, 6) for a, b in pairwise(instants[:200])} == {0.05}


def test_a_rising_rate_puts_three_quarters_behind_the_middle() -> None:
    """From nothing to 80: a quarter of the arrivals in the first half."""
    ramp = [Stretch(name="ramp", lasts_s=10.0, rate=0.0, to=80.0)]

    instants = [one.at_s for one in arrivals(ramp, [1], spacing="even", seed=1)]

    assert len(instants) == 400
    assert sum(at < 5.0 for at in instants) == 100


def test_poisson_arrivals_have_the_rate_and_the_spread_of_independent_users() -> None:
    """Mean gap 50 ms, and a standard deviation as large."""
    steady = [Stretch(name="all", lasts_s=500.0, rate=20.0, to=20.0)]

    instants = [one.at_s for one in arrivals(steady, [1], spacing="poisson", seed=3)]

    gaps = [b - a for a, b in pairwise(instants)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert mean == pytest.approx(0.05, rel=0.05)
    assert deviation == pytest.approx(0.05, rel=0.08)


@pytest.mark.parametrize("spacing", ["even", "poisson"])
def test_the_shares_of_all_processes_are_the_whole_and_nothing_twice(spacing: str) -> None:
    """Two processes, or three, play what one would."""

    def whole() -> list[tuple[float, int]]:
        every = arrivals(STRETCHES, [3, 1], spacing=spacing, seed=5)
        return [(one.at_s, one.errand) for one in every]

    for of in (2, 3):
        parts = [
            (one.at_s, one.errand)
            for index in range(of)
            for one in share(
                arrivals(STRETCHES, [3, 1], spacing=spacing, seed=5), index=index, of=of
            )
        ]
        assert sorted(parts) == whole()


def test_errands_come_as_often_as_they_weigh() -> None:
    """Three to one, near enough, and another seed draws otherwise."""
    steady = [Stretch(name="all", lasts_s=200.0, rate=20.0, to=20.0)]
    drawn = [
        [one.errand for one in arrivals(steady, [3, 1], spacing="even", seed=seed)]
        for seed in (1, 2)
    ]

    assert drawn[0].count(0) / len(drawn[0]) == pytest.approx(0.75, abs=0.04)
    assert drawn[0] != drawn[1]
