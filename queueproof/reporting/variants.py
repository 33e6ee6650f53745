"""The matrix of a faulty run: what became of each requirement on each variant of the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from queueproof.reporting.model import RunResult


@dataclass(frozen=True)
class Mark:
    """One cell: a sign for the eye, a word for everybody, a class for the style."""

    sign: str
    word: str
    style: str


HIT = Mark("✗", "failed, as it must", "hit")
BLIND = Mark("○", "not failed, though it must be", "blind")
UNJUST = Mark("!", "failed, though it must not be", "unjust")
HELD = Mark("·", "passed", "held")
OPEN = Mark("?", "not settled", "open")
UNASKED = Mark("", "not asked", "unasked")
LEGEND = (HIT, BLIND, UNJUST, HELD, OPEN, UNASKED)

_HELD = "passed"
_FAILED = "failed"


def mark_of(entry: dict[str, Any], requirement: str) -> Mark:
    """The cell of one variant and one requirement."""
    got = entry["verdicts"].get(requirement)
    if requirement in entry["must_fail"]:
        return HIT if got == _FAILED else BLIND
    if got is None:
        return UNASKED
    if got == _FAILED:
        return UNJUST
    return HELD if got == _HELD else OPEN


def columns(result: RunResult) -> list[str]:
    """The requirements that any variant was asked about, in registry order."""
    asked = {name for entry in result.variants for name in entry["verdicts"]}
    asked |= {name for entry in result.variants for name in entry["must_fail"]}
    return [row.id for row in result.requirements if row.id in asked]
