"""What a load run tells while it runs: offered, served, failed, latencies, and the time left.

The generator writes its windows down as they close (`load.jsonl`); here they are read as they come.
On a terminal one line is drawn over and over, elsewhere there is a line every ten seconds.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from queueproof.load import tally
from queueproof.load.records import RECORDS, Window
from queueproof.load.run_spec import RunSpec
from queueproof.running.screen import Verbosity, telling_of

_LOOK_EVERY_S = 0.5
_LINE_EVERY_S = 10.0
#: Rate and latencies are those of the last windows that make this many seconds.
_RECENT_S = 10.0
_JOB = "job"


class Tail:
    """The generator's figures so far, read from a file that grows."""

    def __init__(self, path: Path, *, window_s: float) -> None:
        self._path, self._window_s = path, window_s
        self._read, self._rest = 0, b""
        self._recent: deque[tuple[int, Window]] = deque()
        self.counts: Counter[str] = Counter()

    def look(self) -> None:
        """Read what has been added; a line that is not whole yet is left for the next look."""
        try:
            with self._path.open("rb") as source:
                source.seek(self._read)
                added = source.read()
        except FileNotFoundError:
            return
        self._read += len(added)
        *lines, self._rest = (self._rest + added).split(b"\n")
        for line in lines:
            with suppress(ValueError):
                for window in json.loads(line).get("windows", ()):
                    self._add(window)

    def words(self, *, left_s: float) -> str:
        """The figures in a line."""
        told = [
            f"{self.counts['offered']} jobs offered",
            f"{self.counts['requests']} requests answered",
            f"{self.counts['failed']} failed",
            *self._recently(),
            f"{left_s:.0f} s left" if left_s > 0 else "jobs under way come to their ends",
        ]
        return ", ".join(told)

    @property
    def rate_per_s(self) -> float | None:
        """How many jobs were offered a second of late; None where nothing was measured yet."""
        if not self._recent:
            return None
        offered = sum(window.counts["offered"] for _, window in self._recent)
        return offered / (len(self._recent) * self._window_s)

    def latencies(self) -> dict[str, Any]:
        """Histograms by operation, of late."""
        found: dict[str, Any] = {}
        for _, window in self._recent:
            for name, one in window.latencies.items():
                found.setdefault(name, tally.histogram(digits=2)).add(one)
        return found

    def _add(self, record: dict[str, Any]) -> None:
        index = int(record["index"])
        self.counts.update(record["counts"])
        same = next((window for known, window in self._recent if known == index), None)
        if same is None:
            same = Window()
            self._recent.append((index, same))
        same.add(record)
        kept = max(1, round(_RECENT_S / self._window_s))
        while len(self._recent) > kept:
            self._recent.popleft()

    def _recently(self) -> list[str]:
        """The rate of what was offered, and how long the jobs (else whatever there is) took."""
        if self.rate_per_s is None:
            return []
        told = [f"{self.rate_per_s:.1f}/s"]
        latencies = {name: one for name, one in self.latencies().items() if name != "lag"}
        if latencies:
            name = (
                _JOB
                if _JOB in latencies
                else max(latencies, key=lambda n: tally.count(latencies[n]))
            )
            p50, p99 = (tally.percentile_ms(latencies[name], share) for share in (50.0, 99.0))
            told.append(f"{name} p50 {p50:.0f} ms, p99 {p99:.0f} ms")
        return told


@asynccontextmanager
async def watching(spec: RunSpec, console: Console) -> AsyncIterator[None]:
    """Tell how the run goes while the block runs."""
    if telling_of(console).verbosity is Verbosity.QUIET:
        yield
        return
    tail = Tail(Path(spec.folder) / RECORDS, window_s=spec.window_s)
    watch = _drawn if console.is_terminal else _printed
    task = asyncio.create_task(watch(tail, spec, console))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _drawn(tail: Tail, spec: RunSpec, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(20), TimeElapsedColumn())
    figures = TextColumn("{task.fields[figures]}", markup=False)
    began = time.monotonic()
    with Progress(*columns, figures, console=console, transient=True) as progress:
        task = progress.add_task(spec.profile, total=spec.lasts_s, figures="starting")
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            tail.look()
            elapsed_s = time.monotonic() - began
            words = tail.words(left_s=spec.lasts_s - elapsed_s)
            progress.update(task, completed=min(elapsed_s, spec.lasts_s), figures=words)


async def _printed(tail: Tail, spec: RunSpec, console: Console) -> None:
    began = time.monotonic()
    start = f"playing {spec.profile}, {spec.lasts_s:.0f} s of arrivals"
    console.print(f"{0:7.1f}s  {start}", soft_wrap=True, highlight=False, markup=False)
    while True:
        await asyncio.sleep(_LINE_EVERY_S)
        tail.look()
        elapsed_s = time.monotonic() - began
        words = tail.words(left_s=spec.lasts_s - elapsed_s)
        line = f"{elapsed_s:7.1f}s  {words}"
        console.print(line, soft_wrap=True, highlight=False, markup=False)
