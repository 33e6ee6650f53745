"""How long a run will go on, from what its cases are expected to take and what they took.

An earlier run's durations are the best expectation; without one a case is expected to take the
waits that it declares, and a few seconds of work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

#: What a case takes besides its declared waits, as cases mostly do.
WORK_S = 3.0


def expected_s(case_id: str, wait_s: float, earlier: Mapping[str, float]) -> float:
    """Seconds that a case is expected to take."""
    return earlier.get(case_id, wait_s + WORK_S)


class Remaining:
    """Counts the cases of a run down; told of each as it is planned, starts and ends."""

    def __init__(
        self, earlier: Mapping[str, float], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._earlier = earlier
        self._now = now
        self._expected: dict[str, float] = {}
        self._running: dict[str, float] = {}
        self._done: set[str] = set()
        self._worked_s = 0.0
        self._first: float | None = None

    def planned(self, case_id: str, wait_s: float) -> None:
        """A case is going to run."""
        self._expected[case_id] = expected_s(case_id, wait_s, self._earlier)

    def started(self, case_id: str) -> None:
        """A case is running now."""
        self._first = self._now() if self._first is None else self._first
        self._running[case_id] = self._now()

    def postponed(self, case_id: str) -> None:
        """It has run and runs once more, later: until then it waits."""
        began = self._running.pop(case_id, None)
        if began is not None:
            self._worked_s += self._now() - began

    def finished(self, case_id: str) -> None:
        """A case has its verdict."""
        self.postponed(case_id)
        if case_id in self._expected:
            self._done.add(case_id)

    @property
    def total(self) -> int:
        """How many cases were planned."""
        return len(self._expected)

    @property
    def done(self) -> int:
        """How many of them have their verdicts."""
        return len(self._done)

    @property
    def running(self) -> dict[str, float]:
        """Seconds since they started, of the cases that run, the oldest first."""
        now = self._now()
        ages = {case: now - began for case, began in self._running.items()}
        return dict(sorted(ages.items(), key=lambda entry: -entry[1]))

    def left_s(self) -> float | None:
        """Seconds until the last case ends: no less than the longest, nor than the work that is
        left, done as many at a time as so far; None before the first case has started.
        """
        if self._first is None:
            return None
        ages = self.running
        left = [
            max(0.0, expected - ages.get(case, 0.0))
            for case, expected in self._expected.items()
            if case not in self._done
        ]
        if not left:
            return 0.0
        elapsed_s = max(self._now() - self._first, 0.001)
        side_by_side = max(1.0, (self._worked_s + sum(ages.values())) / elapsed_s)
        return max(max(left), sum(left) / side_by_side)

    def words(self) -> str:
        """Where the run stands: how many of how many cases, and about how long it goes on."""
        if not self.total:
            return ""
        waiting = self.total - self.done - len(self._running)
        told = [f"{self.done} of {self.total} cases"]
        told += [f"{len(self._running)} running, {waiting} waiting"] if self._running else []
        left = self.left_s()
        if left is not None and self.done < self.total:
            told.append(f"about {about(left)} left" if left >= 1 else "nearly done")
        return ", ".join(told)


def about(duration_s: float) -> str:
    """A duration in whole seconds, or in minutes where it is long."""
    return f"{duration_s:.0f} s" if duration_s < 100 else f"{duration_s / 60:.0f} min"
