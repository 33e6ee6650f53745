"""What a collector receives of watches and runs, as OpenTelemetry's own message reads it."""

from __future__ import annotations

import builtins
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from rich.console import Console

from queueproof.reporting.metrics_export import NotSent, exported, finished
from queueproof.running.result_output import tell
from queueproof.watch.looking import Observation, Round
from queueproof.watch.metrics import Metrics
from queueproof.watch.standing import Standing

from . import samples

_TARGET = "http://target"


class Collector(HTTPServer):
    """Keeps the requests that it was sent."""

    received: list[tuple[str, bytes]]


class Receiver(BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with Collector(("127.0.0.1", 0), Receiver) as server:
        server.received = []
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        yield server
        server.shutdown()
        serving.join()


def figures(body: bytes) -> dict[tuple[str, ...], float]:
    """Name and labels of each figure -> its value."""
    message = ExportMetricsServiceRequest.FromString(body)
    found: dict[tuple[str, ...], float] = {}
    for resource in message.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                assert kind in ("gauge", "sum"), metric.name
                for point in getattr(metric, kind).data_points:
                    labels = {one.key: one.value.string_value for one in point.attributes}
                    more = [labels[key] for key in sorted(labels) if key != "target"]
                    found[(metric.name, labels["target"], *more)] = point.as_double
    return found


def test_a_round_reaches_the_collector(collector: Collector) -> None:
    """Green and red checks, and what the round has cost, under the documented names."""
    metrics, standing = Metrics(_TARGET), Standing()
    export = exported(metrics.registry, os.environ, scope="queueproof.watch")
    seen = Round(
        observations=(
            Observation(check="jobs of a", good=True, took_s=0.5),
            Observation(check="jobs of b", good=False, took_s=3.0, words="never begun"),
        ),
        jobs=4,
        operations=9,
    )
    standing.enter(seen, at=1000.0, window_s=3600.0)
    metrics.take(seen, standing, at=1000.0, objective=0.9)
    finished(export)

    path, body = collector.received[-1]
    told = figures(body)
    assert path == "/v1/metrics"
    assert told["queueproof_watch_good", _TARGET] == 0
    assert told["queueproof_watch_check_good", _TARGET, "jobs of a"] == 1
    assert told["queueproof_watch_check_good", _TARGET, "jobs of b"] == 0
    assert told["queueproof_watch_jobs", _TARGET] == 4
    assert told["queueproof_watch_operations", _TARGET] == 9


@pytest.mark.parametrize(
    "environment",
    [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_METRICS_EXPORTER": "none"}],
)
def test_nothing_is_sent_where_nobody_wants_it(environment: dict[str, str]) -> None:
    assert exported(Metrics(_TARGET).registry, environment, scope="here") is None
    finished(None)


def test_another_protocol_is_said_to_be_unknown() -> None:
    wanted = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    with pytest.raises(NotSent, match="set for grpc: only http/protobuf"):
        exported(Metrics(_TARGET).registry, wanted, scope="here")


def test_without_the_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    really = builtins.__import__
    wanted = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}

    def without(name: str, *more: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return really(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NotSent, match=r"pip install 'queueproof\[otlp\]'"):
        exported(Metrics(_TARGET).registry, wanted, scope="here")


def test_a_finished_run_reaches_the_collector(collector: Collector) -> None:
    """A gate, an outage or a load run is told once, at its end."""
    tell(samples.every_verdict(), None, Console(quiet=True))

    (path, body), *more = collector.received
    told = figures(body)
    target = samples.target().urls[0]
    assert path == "/v1/metrics"
    assert not more
    assert told["queueproof_run_good", target, "gate"] == 0
    assert told["queueproof_run_check_good", target, "POLL-003", "gate"] == 0
    assert told["queueproof_run_check_good", target, "POLL-001", "gate"] == 1
