"""The generator as it really runs: locust's own processes, and the command line."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from queueproof import paths
from queueproof.load import tally
from queueproof.load.generating import Ways, generate
from queueproof.load.records import Records, read_records
from queueproof.load.schedule import Stretch
from queueproof.stack.ports import free_port
from tests.load.fake_target import FakeTarget, served
from tests.load.sample import spec

STRETCHES = (Stretch(name="all", lasts_s=1.0, rate=60.0, to=60.0),)


def played(url: str, folder: Path, *, processes: int, ways: Ways | None = None) -> Records:
    """One run of sixty jobs with so many generating processes."""
    folder.mkdir()
    made = spec(url, folder, processes=processes, stretches=STRETCHES)
    asyncio.run(generate(made, ways or Ways()))
    lives: list[Any] = []
    records = read_records(folder, processes=processes, on_life=lives.append)
    records.counts["lives"] = len(lives)
    return records


def test_two_processes_and_their_master_give_the_totals_of_one(tmp_path: Path) -> None:
    """The same jobs, each once, and one histogram of all."""
    with served(FakeTarget()) as target:
        alone = played(target.url, tmp_path / "one", processes=1)
        once = target.submits
        both = played(target.url, tmp_path / "two", processes=2)

    assert once == 60
    assert target.submits == 120
    for what in ("offered", "ended", "requests", "events", "lives"):
        assert both.counts[what] == alone.counts[what] > 0
    for operation in ("submit", "job", "first_event"):
        assert both.count(operation) == alone.count(operation) == 60
        windows = sum(
            tally.count(w.latencies[operation])
            for w in both.windows.values()
            if operation in w.latencies
        )
        assert windows == 60
    assert sorted(one["index"] for one in both.processes) == [0, 1]
    assert not (tmp_path / "two" / "run_spec.json").exists()


def test_a_process_elsewhere_gets_its_ticket_from_the_run_it_joins(tmp_path: Path) -> None:
    """It knows nothing but an address."""
    port = free_port()
    command = [sys.executable, "-m", "queueproof", "load", "--join", f"127.0.0.1:{port}"]
    environment = {**os.environ, "PYTHONPATH": str(paths.root())}
    with served(FakeTarget()) as target:
        joined = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            ways = Ways(listen=("127.0.0.1", port))
            records = played(target.url, tmp_path / "run", processes=1, ways=ways)
            assert joined.wait(timeout=20) == 0
        finally:
            joined.kill()

    assert records.counts["ended"] == 60


@pytest.fixture
def command() -> list[str]:
    """A short run on the embedded reference."""
    options = ["--duration", "2s", "--rate", "10", "--workers", "2", "--seed", "5"]
    return [sys.executable, "-m", "queueproof", "load", *options]


def test_a_run_on_the_reference_passes_and_leaves_a_whole_report(
    tmp_path: Path, command: list[str]
) -> None:
    """Verdict, exit code, every format, and no secret in any of them."""
    done = subprocess.run(
        [*command, "--out", str(tmp_path), "--gate", "submit.p50_ms=5000"],
        env={**os.environ, "PYTHONPATH": str(paths.root())},
        capture_output=True,
        text=True,
        check=False,
    )
    folder = next(tmp_path.iterdir())
    report = json.loads((folder / "report.json").read_text("utf-8"))
    profile = report["profiles"][0]

    assert done.returncode in (0, 3), done.stdout + done.stderr  # 3: a starved machine
    assert report["kind"] == "load"
    assert profile["history_check"] == {"jobs": profile["throughput"]["jobs_offered"]} | {
        "deviations": 0,
        "examples": [],
    }
    names = {path.name for path in folder.iterdir()}
    assert names == {
        *("report.json", "report.html", "junit.xml", "summary.md", "history.jsonl.gz"),
        *("timeline.csv", "percentiles.csv", "samples.jsonl"),
    }
    assert "Latency over time" in (folder / "report.html").read_text("utf-8")


def test_an_interrupted_run_reports_what_it_saw_and_does_not_pass(
    tmp_path: Path, command: list[str]
) -> None:
    """Arrivals end, jobs come to their end, the report says why it is short."""
    running = subprocess.Popen(
        [*command[:4], "--duration", "60s", "--rate", "10", "--out", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(paths.root())},
        stdout=subprocess.DEVNULL,
    )
    late_s = time.monotonic() + 30
    while not list(tmp_path.glob("*/load.jsonl")) and time.monotonic() < late_s:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)

    assert running.wait(timeout=30) == 3
    report = json.loads(next(tmp_path.glob("*/report.json")).read_text("utf-8"))
    assert report["run"]["interrupted"] == "interrupted by SIGINT"
    assert report["profiles"][0]["throughput"]["jobs_offered"] < 300
