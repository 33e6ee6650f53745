"""The recorder of a run: what the generator writes down, and hands on so that little is kept.

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
        self.tops: dict[str, int] = {}
        self.latencies: dict[str, Any] = {}

    def sample(self, operation: str, seconds: float) -> None:
        """Count one latency."""
        if operation not in self.latencies:
            self.latencies[operation] = tally.histogram(digits=2)
        tally.record(self.latencies[operation], seconds)

    def as_message(self) -> Message:
        """The window with its histograms as text."""
        latencies = {name: tally.encoded(one) for name, one in self.latencies.items()}
        return {
            "index": self.index,
            "counts": dict(self.counts),
            "tops": self.tops,
            "latencies": latencies,
        }


class Recorder:
    """One process's record of a run; `index` is the process's, `now_s` the run's clock."""

    def __init__(self, index: int, now_s: Callable[[], float], window_s: float, sink: Sink) -> None:
        self._index = index
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
        self._lives: list[list[Message]] = []

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

    def top(self, what: str, number: int) -> None:
        """Something that stands at `number` now; a window keeps the highest."""
        tops = self._current().tops
        tops[what] = max(tops.get(what, 0), number)

    def life(self, rows: list[Message]) -> None:
        """One job's operations, which is the end of it here."""
        self._lives.append(rows)

    def hand_over(self) -> None:
        """Give to the sink what has come since the last time."""
        self._current()
        self._pass_on()

    def close(self, **facts: Any) -> None:
        """Give the sink the rest, and the totals with `facts` about the generator itself."""
        self._current()
        self._closed.append(self._window)
        self._pass_on()
        self._sink(
            {
                "totals": {name: tally.encoded(one) for name, one in self._totals.items()},
                "counts": dict(self._counts),
                "failures": [[*what, number] for what, number in self._failures.most_common(50)],
                "index": self._index,
                **facts,
            }
        )

    def _current(self) -> Window:
        index = max(0, int(self.now_s() / self._window_s))
        if index > self._window.index:
            self._closed.append(self._window)
            self._window = Window(index)
        return self._window

    def _pass_on(self) -> None:
        windows = [window.as_message() for window in self._closed]
        lives, self._lives, self._closed = self._lives, [], []
        self._sink({"index": self._index, "windows": windows, "lives": lives})
