"""What a reader received against what a probe emits: loss, duplication and order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class DeliveryFindings:
    """Deviations of one reader's ticks from the emitted ones; empty tuples when there are none.

    `reordered` holds ticks that came after a higher one had already been seen for the first
    time; a repeated tick counts as a duplicate, not as reordered.
    """

    missing: tuple[int, ...]
    duplicated: tuple[int, ...]
    reordered: tuple[int, ...]
    unexpected: tuple[int, ...]

    @property
    def clean(self) -> bool:
        """Whether everything came once, in order."""
        return not (self.missing or self.duplicated or self.reordered or self.unexpected)

    @property
    def words(self) -> str:
        """The deviations in a line, at most a few examples of each."""
        named = (
            ("missing", self.missing),
            ("duplicated", self.duplicated),
            ("out of order", self.reordered),
            ("never emitted", self.unexpected),
        )
        parts = [f"{len(ticks)} {name} ({_some(ticks)})" for name, ticks in named if ticks]
        return ", ".join(parts) or "none"


def check_delivery(emitted: Iterable[int], received: Sequence[int]) -> DeliveryFindings:
    """Compare the ticks a probe emits with those a reader received."""
    wanted = set(emitted)
    counts = Counter(received)
    firsts = list(dict.fromkeys(received))
    highest = -1
    reordered = []
    for tick in firsts:
        if tick < highest:
            reordered.append(tick)
        highest = max(highest, tick)
    return DeliveryFindings(
        missing=tuple(sorted(wanted - counts.keys())),
        duplicated=tuple(sorted(tick for tick, number in counts.items() if number > 1)),
        reordered=tuple(reordered),
        unexpected=tuple(sorted(counts.keys() - wanted)),
    )


def _some(ticks: tuple[int, ...]) -> str:
    shown = ", ".join(str(tick) for tick in ticks[:5])
    return f"{shown}, …" if len(ticks) > 5 else shown
