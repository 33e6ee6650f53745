"""When jobs arrive: computed ahead from the profile, never from what the target does.

An open schedule is what keeps a load test honest. A closed loop (each user waits for his answer
before he asks again) offers less the slower the target becomes, and so leaves out exactly the
requests that would have waited longest. Here every arrival has its instant beforehand, and its
latency counts from that instant, whenever it could really be sent.

Arrivals follow the rate's integral: the k-th comes where the integral reaches the k-th point of a
unit process, one with gaps of 1 (`even`) or with exponential gaps (`poisson`).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of the run with a rate (arrivals a second) that changes evenly from `rate` to `to`.

    Stretches follow one another without a gap.
    """

    name: str
    lasts_s: float
    rate: float
    to: float

    @property
    def arrivals(self) -> float:
        """How many arrivals it holds on average."""
        return self.lasts_s * (self.rate + self.to) / 2

    def reached_s(self, arrivals: float) -> float:
        """After how many seconds it has held so many arrivals."""
        growth = (self.to - self.rate) / self.lasts_s
        root = math.sqrt(max(0.0, self.rate**2 + 2 * growth * arrivals))
        return 2 * arrivals / (self.rate + root)


@dataclass(frozen=True)
class Arrival:
    """One job's instant, in seconds of the run, and which errand it is."""

    number: int
    at_s: float
    errand: int


def arrivals(
    stretches: Sequence[Stretch], weights: Sequence[float], *, spacing: str, seed: int
) -> Iterator[Arrival]:
    """All arrivals of a run in order; the same for the same arguments, in every process."""
    choice = random.Random(f"arrivals {seed}")  # noqa: S311  (not a secret)
    bounds = list(accumulate(weights))
    errands = range(len(weights))
    for number, at_s in enumerate(_instants(stretches, _gaps(spacing, choice))):
        errand = choice.choices(errands, cum_weights=bounds)[0] if len(bounds) > 1 else 0
        yield Arrival(number, at_s, errand)


def share(every: Iterator[Arrival], *, index: int, of: int) -> Iterator[Arrival]:
    """The arrivals that process `index` of `of` plays; together they play each exactly once."""
    return (arrival for arrival in every if arrival.number % of == index)


def _gaps(spacing: str, choice: random.Random) -> Iterator[float]:
    """Distances between the points of a unit process."""
    if spacing == "even":
        yield 0.5
        while True:
            yield 1.0
    while True:
        yield choice.expovariate(1.0)


def _instants(stretches: Sequence[Stretch], gaps: Iterator[float]) -> Iterator[float]:
    began_s, point = 0.0, next(gaps)
    for stretch in stretches:
        while point < stretch.arrivals:
            yield began_s + stretch.reached_s(point)
            point += next(gaps)
        point -= stretch.arrivals
        began_s += stretch.lasts_s
