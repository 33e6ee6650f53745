"""How rare a deviation must be that was seen so often: the exact bound, by its own values."""

from __future__ import annotations

import pytest

from queueproof.checkers.bounds import CONFIDENCE, upper_bound


@pytest.mark.parametrize(
    ("deviations", "runs", "bound"),
    [
        (0, 1, 0.95),
        (0, 20, 0.139108),
        (0, 100, 0.029513),
        (1, 2, 0.974679),
        (1, 100, 0.046560),
        (2, 20, 0.282619),
        (19, 20, 0.997439),
        (20, 20, 1.0),
        (0, 0, 1.0),
    ],
)
def test_the_bound_of_so_many_deviations(deviations: int, runs: int, bound: float) -> None:
    assert upper_bound(deviations, runs) == pytest.approx(bound, abs=1e-6)


def test_the_bound_is_found_to_the_last_digit_that_matters() -> None:
    """Halved sixty times: no two runs of it differ."""
    p = upper_bound(1, 2)

    assert (1 - p) ** 2 + 2 * p * (1 - p) == pytest.approx(1 - CONFIDENCE, abs=1e-12)


def test_less_confidence_gives_a_lower_bound() -> None:
    assert upper_bound(0, 10, confidence=0.9) == pytest.approx(0.205672, abs=1e-6)
    assert upper_bound(1, 10, confidence=0.5) == pytest.approx(0.162264, abs=1e-5)


@pytest.mark.parametrize(("deviations", "runs"), [(3, 2), (-1, 2)])
def test_a_count_that_cannot_be_is_refused(deviations: int, runs: int) -> None:
    with pytest.raises(ValueError, match=f"^{deviations} deviations of {runs} runs$"):
        upper_bound(deviations, runs)
