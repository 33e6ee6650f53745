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
        parts = [f"{len(ticks)} {name} ({some_of(ticks)})" for name, ticks in named if ticks]
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


def first_wrong(emitted: Iterable[int], received: Sequence[int]) -> int | None:
    """Where in `received` the first tick stands that came twice, too late, too early or unasked.

    A tick comes too early where one before it was never received. None where no tick that came is
    wrong, be it that the last ones are missing.
    """
    wanted, seen, highest = set(emitted), set[int](), -1
    first_lost = min(wanted - set(received), default=None)
    for at, tick in enumerate(received):
        too_early = first_lost is not None and tick > first_lost
        if tick in seen or tick not in wanted or tick < highest or too_early:
            return at
        seen.add(tick)
        highest = max(highest, tick)
    return None


def some_of(ticks: Sequence[int]) -> str:
    """The first five of these ticks, in words."""
    shown = ", ".join(str(tick) for tick in ticks[:5])
    return f"{shown}, …" if len(ticks) > 5 else shown
