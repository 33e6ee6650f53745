"""What became of a target's workers during a run, in words that a reader can count by."""

from __future__ import annotations

from collections.abc import Sequence


def turnover(first: Sequence[str], now: Sequence[str]) -> str:
    """Which of the workers found at first went away, and which came; empty where all stayed.

    The names of both are letters; a letter is never given twice.
    """
    gone = [name for name in first if name not in now]
    came = [name for name in now if name not in first]
    if gone and came:
        return f"{_and(gone)} {_were(gone)} replaced by {_and(came)}"
    if gone:
        return f"{_and(gone)} went away"
    return f"{_and(came)} came later" if came else ""


def _were(names: Sequence[str]) -> str:
    return "was" if len(names) == 1 else "were"


def _and(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
