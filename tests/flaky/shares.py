"""What the gate and a chaos run say of a case that fails a share of its looks, computed.

Theory: looks are independent, and each sees the fault with probability `p`. On a calm machine the
first look decides. On a busy one (the first look strained) a violation is asked again alone, and,
where that passes and others ran beside the case, once more in company. What is seen twice is a
failure; what a strained third look sees proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shares:
    """The shares of a case's verdicts; they add up to one."""

    failed: float
    inconclusive: float
    passed: float

    @property
    def words(self) -> str:
        """As a table's row has it."""
        return f"{self.failed:.0%} failed, {self.inconclusive:.0%} inconclusive, {self.passed:.0%}"


def calm(p: float) -> Shares:
    """Gate and chaos alike: nothing is doubted."""
    return Shares(failed=p, inconclusive=0.0, passed=1 - p)


def busy(p: float, *, calm_later: bool, company: bool = True, alone: bool = True) -> Shares:
    """The gate, its first look strained; `calm_later`: the machine has calmed down by the third.

    `alone`: the fault shows without company too. A chaos run has no third look (`company` False).
    """
    second = p if alone else 0.0
    third = p if company and calm_later else 0.0
    failed = p * (second + (1 - second) * third)
    return Shares(failed=failed, inconclusive=p - failed, passed=1 - p)
