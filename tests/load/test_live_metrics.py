"""What monitoring systems are told of a load run while it runs."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed
from rich.console import Console

from queueproof.load import live_metrics
from queueproof.load.records import RECORDS
from queueproof.load.run_spec import RunSpec
from queueproof.running.screen import Screen, Telling
from queueproof.waiting import eventually
from tests.load.test_watching import lines, spec_in, window
from tests.reporting.test_metrics_export import Collector, collector, figures

__all__ = ["collector"]

_PLACE = "http://target"


def told_in(path: Path) -> dict[tuple[str, ...], float]:
    """Name and the values of its labels, but for target and kind -> the figure."""
    families = parsed(path.read_text("utf-8"))
    return {
        (one.name, *(v for k, v in sorted(one.labels.items()) if k not in ("target", "kind"))): (
            one.value
        )
        for family in families
        for one in family.samples
    }


async def through(spec: RunSpec, textfile: Path | None, meanwhile: Callable[[], bool]) -> None:
    """A run that goes on until `meanwhile` is true."""

    async def seen() -> bool:
        return meanwhile()

    console = Screen(Telling(textfile=textfile))
    async with live_metrics.live_metrics(spec, _PLACE, console):
        await eventually(seen, bool, within_s=10.0)


def test_the_textfile_is_written_anew_while_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_metrics, "_EVERY_S", 0.02)
    spec, textfile = spec_in(tmp_path), tmp_path / "load.prom"
    seen: list[dict[tuple[str, ...], float]] = []

    def grows() -> bool:
        """First nothing was measured, then a window is closed."""
        if not textfile.exists():
            return False
        seen.append(told_in(textfile))
        (tmp_path / RECORDS).write_text(lines(window(0, 0.2, offered=3, failed=1)), "utf-8")
        return seen[-1][("queueproof_run_jobs", "offered", "steady")] == 3

    asyncio.run(through(spec, textfile, grows))

    first, last = seen[0], seen[-1]
    assert first[("queueproof_run_running",)] == last[("queueproof_run_running",)] == 1
    assert first[("queueproof_run_jobs", "offered", "steady")] == 0
    assert ("queueproof_run_recent_jobs_per_second", "steady") not in first
    assert last[("queueproof_run_recent_jobs_per_second", "steady")] == 3
    assert last[("queueproof_run_requests", "failed", "steady")] == 1
    p99 = ("queueproof_run_recent_latency_seconds", "job", "steady", "0.99")
    assert last[p99] == pytest.approx(0.2, rel=0.02)
    assert told_in(textfile)[("queueproof_run_running",)] == 0


def test_a_collector_is_sent_to_while_the_run_goes_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    collector: Collector,
) -> None:
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "50")
    monkeypatch.setattr(live_metrics, "_EVERY_S", 0.02)
    (tmp_path / RECORDS).write_text(lines(window(0, 0.2, offered=3)), "utf-8")

    asyncio.run(through(spec_in(tmp_path), None, lambda: bool(collector.received)))

    running = ("queueproof_run_running", _PLACE, "load")
    first, last = (figures(collector.received[at][1]) for at in (0, -1))
    assert first[running] == 1
    assert first[("queueproof_run_jobs", _PLACE, "offered", "load", "steady")] == 3
    assert last[running] == 0


def test_who_wants_no_metrics_pays_nothing_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the reading of what the generator writes."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    spec = spec_in(tmp_path)

    async def run() -> int:
        async with live_metrics.live_metrics(spec, _PLACE, Console(file=io.StringIO())):
            return len(asyncio.all_tasks())

    assert asyncio.run(run()) == 1
