"""What the generating processes wrote, put together again: totals, windows, jobs."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from queueproof.load import tally

RECORDS = "load.jsonl"
#: How the generator begins to say that a connection could not be made.
NO_CONNECTION = "no connection"

Row = dict[str, Any]


@dataclass
class Window:
    """One stretch of the run, all processes together; histograms by operation."""

    counts: Counter[str] = field(default_factory=Counter)
    tops: Counter[str] = field(default_factory=Counter)
    latencies: dict[str, Any] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any]) -> None:
        """Add one process's window."""
        self.counts.update(record["counts"])
        self.tops.update(record["tops"])
        for name, text in record["latencies"].items():
            if name not in self.latencies:
                self.latencies[name] = tally.histogram(digits=2)
            self.latencies[name].decode_and_add(text)


@dataclass
class Records:
    """A run's figures.

    `latencies` are histograms by operation; `counts` what was counted; `failures` the reasons by
    operation and words; `processes` what each generating process said of itself at its end;
    `failure` why some of them did not come to it.
    """

    latencies: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    windows: defaultdict[int, Window] = field(default_factory=lambda: defaultdict(Window))
    processes: list[Row] = field(default_factory=list)
    failure: str = ""

    @property
    def stopped(self) -> str:
        """Why the run was ended before its schedule, if it was."""
        return next((str(one["stopped"]) for one in self.processes if one["stopped"]), "")

    @property
    def trouble(self) -> str:
        """What went wrong with the generator, if anything did."""
        return self.failure or next(
            (str(one["trouble"]) for one in self.processes if one["trouble"]), ""
        )

    @property
    def lasted_s(self) -> float:
        """From the schedule's beginning to the last job's end."""
        return max((float(one["lasted_s"]) for one in self.processes), default=0.0)

    @property
    def arrivals_ended_s(self) -> float:
        """When the last process stopped sending."""
        return max((float(one["arrivals_ended_s"]) for one in self.processes), default=0.0)

    @property
    def began_at(self) -> float:
        """The schedule's beginning, as seconds of the epoch."""
        return min((float(one["began_at"]) for one in self.processes), default=0.0)

    @property
    def requests(self) -> int:
        """How many requests and jobs were brought to an answer or a failure."""
        return self.counts["requests"]

    @property
    def unreached(self) -> str:
        """Why no connection was ever made, if every request failed for want of one."""
        refused = Counter(
            {words: number for (_, words), number in self.failures.items() if unconnected(words)}
        )
        if not self.requests or refused.total() < self.requests:
            return ""
        return refused.most_common(1)[0][0]

    def count(self, operation: str) -> int:
        """How many latencies of an operation there are."""
        found = self.latencies.get(operation)
        return tally.count(found) if found is not None else 0

    def add(self, record: Mapping[str, Any]) -> None:
        """Add one message of one process; the jobs in it are not kept."""
        for window in record.get("windows", ()):
            self.windows[window["index"]].add(window)
        if "totals" in record:
            self._close(record)

    def salvage(self, *, window_s: float, began_at: float) -> None:
        """Make totals of the windows, for a generator that died before it had told its own.

        They are coarser (two digits) and lack the window that was open then.
        """
        self.latencies, self.counts = {}, Counter()
        for window in self.windows.values():
            self.counts.update(window.counts)
            for name, one in window.latencies.items():
                if name not in self.latencies:
                    self.latencies[name] = tally.histogram(digits=2)
                self.latencies[name].add(one)
        lasted_s = (max(self.windows, default=-1) + 1) * window_s
        self.processes.append(
            {
                "stopped": "",
                "trouble": "",
                "lasted_s": lasted_s,
                "arrivals_ended_s": lasted_s,
                "began_at": began_at,
            }
        )

    def _close(self, record: Mapping[str, Any]) -> None:
        for name, text in record["totals"].items():
            if name not in self.latencies:
                self.latencies[name] = tally.histogram()
            self.latencies[name].decode_and_add(text)
        self.counts.update(record["counts"])
        for operation, words, number in record["failures"]:
            self.failures[operation, words] += number
        told = {"totals", "counts", "failures"}
        self.processes.append({key: value for key, value in record.items() if key not in told})


def unconnected(words: str) -> bool:
    """Whether a failure's words say that there was no connection to fail on."""
    return words.startswith(NO_CONNECTION)


def read_records(folder: Path, *, processes: int, on_life: Callable[[list[Row]], None]) -> Records:
    """Everything in the folder; `on_life` gets each job's rows, so that none need be kept.

    Where a process did not come to its end, `failure` says so and the windows are what there is.
    """
    records = Records()
    for record in _lines(folder / RECORDS):
        records.add(record)
        for life in record.get("lives", ()):
            on_life(life)
    if len(records.processes) != processes:
        records.failure = (
            f"{len(records.processes)} of {processes} generating processes came to their end"
        )
    return records


def _lines(path: Path) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8") as source:
            for line in source:
                try:
                    yield json.loads(line)
                except ValueError:
                    # Whoever wrote it died in the middle of it.
                    return
    except FileNotFoundError:
        return
