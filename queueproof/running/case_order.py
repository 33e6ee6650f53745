"""The order of a run's cases: what comes side by side, what alone, and what first and last.

A case that must be alone and only looks, at counters say, comes before the crowd: what a crowd
leaves behind, such as finished jobs that are counted for minutes, blurs what it looks at. One that
disturbs comes after the crowd, and one that kills workers last; behind these, one that leaves the
target with less than it found. Whoever judges what a whole run has left behind closes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from queueproof.config.model import Timings
from queueproof.requirements import Access
from queueproof.requirements.registry import Registry
from queueproof.running.collected import Case

#: A case that waits for so long mostly waits, and loads its target little meanwhile.
PATIENT_S = 10.0


@dataclass(frozen=True)
class CaseOrder:
    """The cases of a run: `first`, `last` and `closing` in turn, those `together` side by side."""

    first: tuple[Case, ...]
    together: tuple[Case, ...]
    last: tuple[Case, ...]
    closing: tuple[Case, ...]


def arrange(
    cases: Sequence[Case], *, registry: Registry, timings: Timings, apart: bool
) -> CaseOrder:
    """Give each case its turn; `apart` says that those to be alone have targets of their own."""

    def access(case: Case) -> Access:
        return case.mark.access or registry[case.mark.requirement].access

    def destructive(case: Case) -> bool:
        return registry[case.mark.requirement].destructive

    def intrusion(case: Case) -> tuple[bool, bool, int]:
        return case.mark.last, destructive(case), list(Access).index(access(case))

    longest_first = sorted(cases, key=lambda case: -case.mark.wait(timings))
    closing = [case for case in longest_first if case.mark.closing]
    alone = [] if apart else [case for case in longest_first if case.mark.alone]
    looks = [one for one in alone if access(one) is Access.ADMIN and not destructive(one)]
    return CaseOrder(
        first=tuple(looks),
        together=tuple(case for case in longest_first if case not in alone + closing),
        last=tuple(sorted((case for case in alone if case not in looks), key=intrusion)),
        closing=tuple(closing),
    )


class CaseSlots:
    """How many cases are at work at once, and as many again that mostly wait.

    One that gets a lane of its own waits for that alone, and keeps nobody's place meanwhile. Lanes
    are `later_lanes` once the others are done (`widen`), and the machine has less to do.
    """

    def __init__(
        self, at_once: int, timings: Timings, *, lanes: int = 0, later_lanes: int = 0
    ) -> None:
        self._busy = asyncio.Semaphore(at_once)
        self._patient = asyncio.Semaphore(at_once)
        self._lanes = asyncio.Semaphore(lanes)
        self._has_lanes = lanes > 0
        self._more = max(0, later_lanes - lanes)
        self._timings = timings

    def of(self, case: Case) -> asyncio.Semaphore:
        """Where the case waits for its turn."""
        if self.in_lane(case):
            return self._lanes
        patient = case.mark.wait(self._timings) >= PATIENT_S
        return self._patient if patient else self._busy

    def in_lane(self, case: Case) -> bool:
        """Whether it gets a lane of its own."""
        return case.mark.alone and self._has_lanes

    def widen(self) -> None:
        """As many in lanes from now on as are meant for when nobody else is at work."""
        for _ in range(self._more):
            self._lanes.release()
