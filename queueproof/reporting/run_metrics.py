"""A finished run as metrics, named as the watch's are: docs/watch.md lists them.

A check is a requirement, an outage, or a load profile's gate; it has a value where it was settled:
what could not be assessed is neither good nor bad. What a run measured stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge

from queueproof.errors import UsageError
from queueproof.reporting import digest
from queueproof.reporting.metrics_export import (
    NotSent,
    exported,
    finished,
    write_textfile,
)
from queueproof.reporting.model import RunResult
from queueproof.reporting.quantities import PERCENTILES
from queueproof.reporting.text import shown_in_line
from queueproof.verdicts import Verdict, worst

_GOOD = {Verdict.PASSED: 1.0, Verdict.PASSED_IN_PART: 1.0, Verdict.FAILED: 0.0}
_OFFERED, _ENDED = {"fate": "offered"}, {"fate": "ended"}


def export_run(
    result: RunResult, textfile: Path | None, environment: Mapping[str, str]
) -> list[str]:
    """Write and send a run's metrics where they are wanted; what kept them from it, a line each.

    The run has ended: nothing of this changes what it found.
    """
    registry, troubles = registry_of(result), []
    try:
        if textfile is not None:
            write_textfile(registry, textfile)
    except UsageError as trouble:
        troubles.append(f"metrics are not written: {trouble}")
    try:
        finished(exported(registry, environment, scope=f"queueproof.{result.kind}"))
    except NotSent as trouble:
        troubles.append(f"metrics are not sent to a collector: {trouble}")
    return troubles


def registry_of(result: RunResult) -> CollectorRegistry:
    """The metrics of one run, each with the labels `target` and `kind`."""
    shown = _Shown(result)
    shown.show("running", "1 while the run goes on.", 0.0)
    shown.show("good", "1 where the run passed.", float(result.exit_code == 0))
    shown.show("exit_code", "The run's exit code.", float(result.exit_code))
    shown.show("duration_seconds", "How long the run took.", result.run.duration_s)
    began = datetime.fromisoformat(result.run.started_at).timestamp()
    shown.show("last_timestamp_seconds", "When the run ended.", began + result.run.duration_s)
    for word, number in result.counts().items():
        shown.show("requirements", "Requirements by verdict.", float(number), verdict=word)
    for check, verdict, took_s in _checks(result):
        if verdict in _GOOD:
            words = "1 where the check held, 0 where it did not."
            shown.show("check_good", words, _GOOD[verdict], check=check)
        if took_s is not None and verdict is not Verdict.NOT_ASSESSED:
            shown.show("check_seconds", "How long the check took.", took_s, check=check)
    for quantity in result.quantities:
        for share in PERCENTILES:
            of = {"what": quantity.name.removesuffix("_s"), "quantile": f"{share / 100:g}"}
            words = "Times measured beside the verdicts."
            shown.show("time_seconds", words, quantity.percentile_s(share), **of)
    for profile in result.profiles:
        _show_load(profile, shown)
    return shown.registry


class _Shown:
    """Gauges by name, made when first shown."""

    def __init__(self, result: RunResult) -> None:
        self.registry = CollectorRegistry()
        self._gauges: dict[str, Gauge] = {}
        named = (*result.target.urls, result.target.contract)
        self._common = {"target": named[0], "kind": result.kind}

    def show(self, name: str, words: str, value: float, **labels: str) -> None:
        """Give one gauge this value."""
        full = f"queueproof_run_{name}"
        every = {label: shown_in_line(text) for label, text in (self._common | labels).items()}
        if full not in self._gauges:
            self._gauges[full] = Gauge(full, words, tuple(every), registry=self.registry)
        self._gauges[full].labels(**every).set(value)


def _checks(result: RunResult) -> Iterator[tuple[str, Verdict, float | None]]:
    for row in result.requirements:
        yield row.id, row.verdict, sum(case.duration_s for case in row.cases)
    for entry in digest.entries(result):
        took_s = entry.get("duration_s")
        name = str(entry.get("id") or "unnamed")
        lasted_s = took_s if isinstance(took_s, int | float) else None
        yield name, digest.entry_verdict(entry), lasted_s
    for name, verdicts in _gates(result).items():
        yield name, worst(verdicts), None


def _gates(result: RunResult) -> dict[str, list[Verdict]]:
    gates: dict[str, list[Verdict]] = {}
    for profile in result.profiles:
        for gate in profile.get("gates") or ():
            gates.setdefault(str(gate.get("gate")), []).append(digest.entry_verdict(gate))
    return gates


def _show_load(profile: Mapping[str, Any], shown: _Shown) -> None:
    """A load profile's own figures; latencies in seconds, as Prometheus has them."""
    of = {"profile": str(profile.get("id"))}
    throughput = profile.get("throughput") or {}
    checked = profile.get("history_check") or {}
    for name, words, value, labels in (
        ("jobs", "Jobs by what became of them.", throughput.get("jobs_offered"), _OFFERED),
        ("jobs", "Jobs by what became of them.", throughput.get("jobs_ended"), _ENDED),
        ("jobs_per_second", "Jobs served a second.", throughput.get("jobs_per_s"), {}),
        ("capacity_jobs_per_second", "The capacity.", profile.get("capacity_per_s"), {}),
        ("job_deviations", "Jobs lost, doubled or never ended.", checked.get("deviations"), {}),
    ):
        if isinstance(value, int | float):
            shown.show(name, words, value, **labels, **of)
    for operation, quantile, value_ms in _latencies(profile.get("latency_ms") or {}):
        labels = {"operation": operation, "quantile": quantile}
        words = "Latency from the scheduled instant."
        shown.show("latency_seconds", words, value_ms / 1000, **labels, **of)


def _latencies(told: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Operation, quantile, and milliseconds."""
    for operation, percentiles in told.items():
        if isinstance(percentiles, dict):
            for name, value_ms in percentiles.items():
                yield str(operation), f"{float(name.removeprefix('p')) / 100:g}", value_ms
