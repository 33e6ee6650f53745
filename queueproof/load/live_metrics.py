"""A load run's figures while it runs, for monitoring systems: a textfile, or a collector's OTLP.

They are named as those of a finished run are (docs/watch.md), which take their place in the end.
What cannot be written or sent is told then, once.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from queueproof.errors import UsageError
from queueproof.load import tally
from queueproof.load.records import RECORDS
from queueproof.load.run_spec import RunSpec
from queueproof.load.watching import Tail
from queueproof.reporting.metrics_export import (
    NotSent,
    exported,
    finished,
    wanted_by,
    write_textfile,
)
from queueproof.running.screen import telling_of

if TYPE_CHECKING:
    from prometheus_client import Gauge

#: A text collector is scraped every 15 s or so, and each time a file is written anew.
_EVERY_S = 10.0
_QUANTILES = (0.5, 0.9, 0.99)


@asynccontextmanager
async def live_metrics(spec: RunSpec, place: str, console: Console) -> AsyncIterator[None]:
    """While the block runs, write and send how it goes, where somebody wants that.

    `place` is the label by which the target is known.
    """
    textfile = telling_of(console).textfile
    if textfile is None and wanted_by(os.environ) is None:
        yield
        return
    figures = LiveFigures(spec, place)
    figures.take(running=True)
    export = None
    with suppress(NotSent):
        export = exported(figures.registry, os.environ, scope="queueproof.load")
    task = asyncio.create_task(_again_and_again(figures, textfile))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        figures.take(running=False)
        _write(figures, textfile)
        await asyncio.to_thread(finished, export)


class LiveFigures:
    """The figures so far as gauges; raises nothing where the generator has measured none yet."""

    def __init__(self, spec: RunSpec, place: str) -> None:
        # It takes a while to be imported, and few runs want it.
        from prometheus_client import CollectorRegistry

        self.registry = CollectorRegistry()
        self._tail = Tail(Path(spec.folder) / RECORDS, window_s=spec.window_s)
        self._run = (place or spec.contract, "load")
        self._profile = (*self._run, spec.profile)
        self._running = self._gauge("running", "1 while the run goes on.")
        self._at = self._gauge("last_timestamp_seconds", "When the run was last looked at.")
        self._jobs = self._gauge("jobs", "Jobs by what became of them.", "profile", "fate")
        self._requests = self._gauge("requests", "Requests so far.", "profile", "fate")
        self._rate = self._gauge(
            "recent_jobs_per_second", "Jobs offered a second in the last 10 s.", "profile"
        )
        self._latencies = self._gauge(
            "recent_latency_seconds",
            "Latency from the scheduled instant in the last 10 s.",
            "profile",
            "operation",
            "quantile",
        )

    def take(self, *, running: bool) -> None:
        """Look at what the generator has measured until now."""
        tail = self._tail
        tail.look()
        self._running.labels(*self._run).set(float(running))
        self._at.labels(*self._run).set(time.time())
        for gauge, fate, counted in (
            (self._jobs, "offered", "offered"),
            (self._jobs, "ended", "ended"),
            (self._requests, "made", "requests"),
            (self._requests, "failed", "failed"),
        ):
            gauge.labels(*self._profile, fate).set(tail.counts[counted])
        self._latencies.clear()
        if tail.rate_per_s is None:
            return
        self._rate.labels(*self._profile).set(tail.rate_per_s)
        for operation, one in tail.latencies().items():
            for share in _QUANTILES:
                value_s = tally.percentile_ms(one, 100 * share) / 1000
                self._latencies.labels(*self._profile, operation, f"{share:g}").set(value_s)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        from prometheus_client import Gauge

        full = f"queueproof_run_{name}"
        return Gauge(full, words, ("target", "kind", *labels), registry=self.registry)


async def _again_and_again(figures: LiveFigures, textfile: Path | None) -> None:
    while True:
        figures.take(running=True)
        _write(figures, textfile)
        await asyncio.sleep(_EVERY_S)


def _write(figures: LiveFigures, textfile: Path | None) -> None:
    if textfile is not None:
        with suppress(UsageError):
            write_textfile(figures.registry, textfile)
