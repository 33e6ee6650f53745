"""A steady state: what a scenario says of the target's own metrics when all is well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from queueproof.config.kinds import Number, Table, Text
from queueproof.errors import UsageError

_BOUND = Number(least=-1e15, most=1e15)
STEADY_STATE = Table(
    {
        "query": Text(filled=True),
        "at_most": _BOUND,
        "at_least": _BOUND,
        "lag_s": Number(most=3600.0),
    },
    needed=("query",),
)


@dataclass(frozen=True, kw_only=True)
class SteadyState:
    """What every value of a Prometheus query is at most, at least, or both.

    `lag_s` is how old a value may be: the interval of scrapes, and the range that the query looks
    back over.
    """

    query: str
    at_most: float | None = None
    at_least: float | None = None
    lag_s: float = 30.0

    def worst(self, values: Sequence[float]) -> float:
        """The value that is furthest out of bounds, or nearest to leaving them."""

        def excess(value: float) -> float:
            over = value - self.at_most if self.at_most is not None else float("-inf")
            under = self.at_least - value if self.at_least is not None else float("-inf")
            return max(over, under)

        return max(values, key=excess)

    def holds(self, value: float) -> bool:
        """Whether a value is within the bounds."""
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)

    @property
    def wanted(self) -> str:
        """The bounds in words."""
        bounds = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join(f"{words} {bound:g}" for words, bound in bounds if bound is not None)


def steady_state_from(table: Mapping[str, Any], where: str) -> SteadyState:
    """The steady state that a checked table declares; raises UsageError where it has no bound."""
    state = SteadyState(**table)
    if not state.wanted:
        raise UsageError(f"{where}: steady_state: give at_most, at_least, or both")
    return state
