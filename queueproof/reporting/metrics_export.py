"""Metrics on their way out: a file for a text collector, or an OpenTelemetry collector.

They are sent (OTLP over HTTP) where `OTEL_EXPORTER_OTLP_ENDPOINT`, or the same for metrics alone,
names a collector. What else OpenTelemetry settles by variables (headers, certificates, the
interval, the service's name) it settles here, too. Names and labels are those of docs/watch.md.

Such variables are often given to every program of a cluster: what cannot be sent is said, and the
watch or the run goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from queueproof.errors import UsageError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN = "http/protobuf"
_LAST_WORDS_MS = 5_000


class Export(Protocol):
    """Metrics that are being sent."""

    def shutdown(self, timeout_millis: float = ...) -> None:
        """Send what there is, and no more."""


class NotSent(Exception):
    """The metrics are wanted by a collector, and cannot be sent to it."""


def check_textfile(path: Path) -> None:
    """Raises UsageError where no such file could be written, before a run that ends with it."""
    if path.is_dir():
        raise UsageError(f"--textfile {path}: it is a folder, name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"--textfile {path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(f"--textfile {path}: nothing can be written to {path.parent}")


def write_textfile(registry: CollectorRegistry, path: Path) -> None:
    """Write them for a text collector, whole or not at all; raises UsageError."""
    from prometheus_client import write_to_textfile

    try:
        write_to_textfile(str(path), registry)
    except OSError as error:
        raise UsageError(f"--textfile {path}: {error.strerror or error}") from None


def wanted_by(environment: Mapping[str, str]) -> str | None:
    """The variable that names a collector; None where no metrics are wanted."""
    if environment.get("OTEL_METRICS_EXPORTER") == "none":
        return None
    return next((name for name in ENDPOINTS if environment.get(name)), None)


def exported(
    registry: CollectorRegistry, environment: Mapping[str, str], *, scope: str
) -> Export | None:
    """The metrics of a registry, sent at OpenTelemetry's interval; None where nobody wants them.

    `scope` is what they come from, in OpenTelemetry's sense. Raises NotSent where the libraries for
    it are not installed, or another protocol is asked for.
    """
    endpoint = wanted_by(environment)
    if endpoint is None:
        return None
    protocol = next((environment[name] for name in _PROTOCOLS if environment.get(name)), _SPOKEN)
    if protocol != _SPOKEN:
        raise NotSent(f"{endpoint} is set for {protocol}: only {_SPOKEN} is spoken here")
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    except ImportError:
        raise NotSent(f"{endpoint} is set: pip install 'queueproof[otlp]'") from None
    provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
    _show(registry, provider.get_meter(scope))
    return provider


def finished(export: Export | None) -> None:
    """Send the last figures; a collector that does not answer is not waited for long."""
    if export is not None:
        export.shutdown(timeout_millis=_LAST_WORDS_MS)


def _show(registry: CollectorRegistry, meter: Any) -> None:
    for family in registry.collect():
        counts = family.type == "counter"
        create = meter.create_observable_counter if counts else meter.create_observable_gauge
        create(family.name, [_reader(registry, family.name)], description=family.documentation)


def _reader(registry: CollectorRegistry, name: str) -> Callable[[Any], Iterable[Any]]:
    from opentelemetry.metrics import Observation

    def read(_: Any) -> Iterable[Any]:
        found = [family for family in registry.collect() if family.name == name]
        return [Observation(value, labels) for value, labels in _figures(found)]

    return read


def _figures(families: Iterable[Metric]) -> Iterable[tuple[float, dict[str, str]]]:
    for family in families:
        for sample in family.samples:
            if sample.name in (family.name, f"{family.name}_total"):
                yield sample.value, sample.labels
