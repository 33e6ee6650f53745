"""How rare must a deviation be that was seen so often in so many runs?

The exact (Clopper-Pearson) upper bound of a proportion: the largest probability of a deviation
under which seeing so few of them would still not be less likely than the error allowed.
"""

from __future__ import annotations

from math import comb

CONFIDENCE = 0.95
_HALVINGS = 60


def upper_bound(deviations: int, runs: int, *, confidence: float = CONFIDENCE) -> float:
    """The one-sided upper bound of the probability that a run deviates; 1.0 without any run.

    Raises ValueError for more deviations than runs.
    """
    if not 0 <= deviations <= runs:
        raise ValueError(f"{deviations} deviations of {runs} runs")
    if deviations == runs:
        return 1.0
    error = 1.0 - confidence
    if deviations == 0:
        return float(1.0 - error ** (1.0 / runs))
    low, high = deviations / runs, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(deviations, runs, middle) > error else (low, middle)
    return high


def _at_most(deviations: int, runs: int, probability: float) -> float:
    """The probability of no more than so many deviations."""
    return sum(
        comb(runs, number) * probability**number * (1.0 - probability) ** (runs - number)
        for number in range(deviations + 1)
    )
