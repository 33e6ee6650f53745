"""What the generator writes down, and hands on every moment so that little is kept.

Every request becomes one sample: an operation, its latency from the instant at which it was due,
and whether the answer was right. Every job becomes rows of the run's history. Both go to a sink
in batches, with the last window's histograms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from queueproof.load import tally

Message = dict[str, Any]
Sink = Callable[[Message], None]
_REASON_LIMIT = 160


class Window:
    """The figures of one stretch of `window_s` seconds."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.counts: Counter[str] = Counter()
        self.latencies: dict[str, Any] = {}

    def sample(self, operation: str, seconds: float) -> None:
        """Count one latency."""
        if operation not in self.latencies:
            self.latencies[operation] = tally.histogram(digits=2)
        tally.record(self.latencies[operation], seconds)

    def as_message(self) -> Message:
        """The window with its histograms as text."""
        latencies = {name: tally.encoded(one) for name, one in self.latencies.items()}
        return {"index": self.index, "counts": dict(self.counts), "latencies": latencies}


class Notebook:
    """One process's record of a run; `now_s` is the run's clock."""

    def __init__(self, now_s: Callable[[], float], window_s: float, sink: Sink) -> None:
        self.now_s = now_s
        self.requests = 0
        self.failed = 0
        self._window_s = window_s
        self._sink = sink
        self._totals: dict[str, Any] = {}
        self._failures: Counter[tuple[str, str]] = Counter()
        self._counts: Counter[str] = Counter()
        self._window = Window(0)
        self._closed: list[Window] = []
        self._rows: list[Message] = []

    def sample(self, operation: str, seconds: float, failure: str = "") -> None:
        """One answered or failed request; `failure` says what was wrong with it."""
        self.requests += 1
        self.count("requests")
        if failure:
            self.failed += 1
            self._failures[operation, failure[:_REASON_LIMIT]] += 1
            self.count("failed")
        self.measure(operation, seconds)

    def measure(self, operation: str, seconds: float) -> None:
        """A latency that is no request's, such as a whole job's."""
        if operation not in self._totals:
            self._totals[operation] = tally.histogram()
        tally.record(self._totals[operation], seconds)
        self._current().sample(operation, seconds)

    def count(self, what: str, number: int = 1) -> None:
        """Count something that has no latency."""
        self._counts[what] += number
        self._current().counts[what] += number

    def row(self, **facts: Any) -> None:
        """One operation of the history."""
        self._rows.append(facts)

    def hand_over(self) -> None:
        """Give to the sink what has come since the last time."""
        self._current()
        windows = [window.as_message() for window in self._closed]
        rows, self._rows, self._closed = self._rows, [], []
        if windows or rows:
            self._sink({"windows": windows, "rows": rows})

    def close(self, **facts: Any) -> None:
        """Give the sink the rest, and the totals with `facts` about the generator itself."""
        self._closed.append(self._window)
        self.hand_over()
        self._sink(
            {
                "totals": {name: tally.encoded(one) for name, one in self._totals.items()},
                "counts": dict(self._counts),
                "failures": [[*what, number] for what, number in self._failures.most_common(50)],
                **facts,
            }
        )

    def _current(self) -> Window:
        index = int(self.now_s() / self._window_s)
        if index > self._window.index:
            self._closed.append(self._window)
            self._window = Window(index)
        return self._window
