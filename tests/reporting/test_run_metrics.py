"""What a monitoring system gets of a finished run."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from queueproof.cli.option_groups import Output, OutputByCase
from queueproof.cli.watch import watch
from queueproof.errors import UsageError
from queueproof.reporting.run_metrics import export_run, registry_of
from queueproof.running.result_output import tell
from queueproof.running.screen import Screen, Telling

from . import outage_samples, samples

_GATE = {"target": "http://127.0.0.1:7860", "kind": "gate"}


def test_a_gate_says_what_holds_what_does_not_and_nothing_of_what_was_not_settled() -> None:
    told = registry_of(samples.every_verdict())

    def good(check: str) -> float | None:
        return told.get_sample_value("queueproof_run_check_good", {**_GATE, "check": check})

    assert good("POLL-001") == 1
    assert good("POLL-003") == 0
    assert good("CANCEL-004") == 1  # in part
    assert [good(each) for each in ("POLL-007", "CANCEL-002", "TTL-001", "TTL-002")] == [None] * 4
    assert told.get_sample_value("queueproof_run_good", _GATE) == 0
    assert told.get_sample_value("queueproof_run_exit_code", _GATE) == 5
    counts = {**_GATE, "verdict": "not_assessed"}
    assert told.get_sample_value("queueproof_run_requirements", counts) == 2
    ended = told.get_sample_value("queueproof_run_last_timestamp_seconds", _GATE)
    assert ended == pytest.approx(1795309486.237)


def test_outages_are_checks_and_what_they_took_is_told() -> None:
    told, of = registry_of(outage_samples.chaos()), {**_GATE, "kind": "chaos"}
    good = "queueproof_run_check_good"
    assert told.get_sample_value(good, {**of, "check": "redis-frozen"}) == 0
    assert told.get_sample_value(good, {**of, "check": "proxy-latency"}) == 1
    median = {**of, "what": "loss_to_known", "quantile": "0.5"}
    assert told.get_sample_value("queueproof_run_time_seconds", median) == 4.0


def test_a_load_run_tells_its_figures_in_seconds() -> None:
    entry = {
        "id": "steady",
        "verdict": "failed",
        "latency_ms": {"submit": {"p50": 12.0, "p99.9": 250.0}},
        "throughput": {"jobs_offered": 90, "jobs_ended": 89, "jobs_per_s": 29.5},
        "history_check": {"jobs": 90, "deviations": 1},
        "gates": [
            {"gate": "served", "limit": 1.0, "figure": 0.98, "verdict": "failed"},
            {"gate": "submit.p99_ms", "limit": 100.0, "figure": None, "verdict": "inconclusive"},
        ],
    }
    told = registry_of(replace(samples.load(), profiles=(entry,)))
    of = {**_GATE, "kind": "load"}
    load = {**of, "profile": "steady"}

    def value(name: str, **labels: str) -> float | None:
        return told.get_sample_value(f"queueproof_run_{name}", labels)

    assert value("latency_seconds", **load, operation="submit", quantile="0.999") == 0.25
    assert value("jobs", **load, fate="ended") == 89
    assert value("jobs_per_second", **load) == 29.5
    assert value("job_deviations", **load) == 1
    assert value("check_good", **of, check="steady") == 0
    assert value("check_good", **of, check="served") == 0
    assert value("check_good", **of, check="submit.p99_ms") is None


def test_texts_of_the_target_stay_labels(tmp_path: Path) -> None:
    """Quotes, line ends and unpaired surrogates break no line of the file."""
    path = tmp_path / "queueproof.prom"
    _tell(samples.hostile(), path)
    for line in path.read_text("utf-8").splitlines():
        assert line.startswith(("# HELP queueproof_run_", "# TYPE ", "queueproof_run_")), line


def test_a_finished_run_writes_its_metrics_and_a_wrong_place_is_told(tmp_path: Path) -> None:
    path = tmp_path / "queueproof.prom"
    _tell(samples.passing(), path)
    assert 'queueproof_run_good{kind="gate"' in path.read_text("utf-8")


def test_a_file_that_cannot_be_written_is_a_line_and_metrics_are_sent_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is over: its exit code stays what it found."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")

    troubles = export_run(samples.passing(), tmp_path / "nowhere" / "x.prom", os.environ)

    assert [each.split(":")[0] for each in troubles] == [
        "metrics are not written",
        "metrics are not sent to a collector",
    ]
    _tell(samples.passing(), tmp_path / "nowhere" / "queueproof.prom")


def test_a_place_where_no_file_can_be_written_is_told_before_the_run(tmp_path: Path) -> None:
    assert Output(textfile=tmp_path / "queueproof.prom").screen().telling.textfile
    for given in (Output, OutputByCase):
        with pytest.raises(UsageError, match=r"--textfile .*there is no folder"):
            given(textfile=tmp_path / "nowhere" / "queueproof.prom").screen()
    with pytest.raises(UsageError, match=r"--textfile .*it is a folder"):
        Output(textfile=tmp_path).screen()
    with pytest.raises(UsageError, match=r"--textfile .*there is no folder"):
        watch(["http://127.0.0.1:9"], textfile=tmp_path / "nowhere" / "queueproof.prom")


def test_what_cannot_be_sent_is_said_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    console = Console(record=True, width=200)
    tell(samples.passing(), None, console)
    assert "metrics are not sent to a collector: OTEL_EXPORTER" in console.export_text()


def _tell(result: samples.RunResult, path: Path) -> None:
    tell(result, None, Screen(Telling(textfile=path)))
