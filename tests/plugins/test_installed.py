"""An installed distribution adds a requirement with its case, an outage, a profile and a format."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

from .conftest import Team, install, write_files


def report_in(folder: Path) -> tuple[dict[str, Any], Path]:
    [path] = folder.glob("*/report.json")
    return json.loads(path.read_text("utf-8")), path.parent


def expect_played(done: subprocess.CompletedProcess[str], profile: str, out: Path) -> None:
    """Every job of this load was served; how quickly says how busy the machine is (exit 3)."""
    assert done.returncode in (0, 3), done.stdout + done.stderr
    report, _ = report_in(out)
    [told] = report["profiles"]
    assert told["id"] == profile
    assert told["throughput"]["jobs_offered"] == told["history_check"]["jobs"] > 0
    assert told["throughput"]["jobs_ended"] == told["throughput"]["jobs_offered"]
    assert told["history_check"]["deviations"] == 0
    late = "the generator itself fell behind" in done.stdout
    assert done.returncode == (3 if late else 0), done.stdout


def test_its_case_is_played_by_the_gate_and_its_format_is_written(guest: Team) -> None:
    done = guest.run("queueproof", "gate", "--only", "ACME-ORDER-001", "--out", "gate")

    assert done.returncode == 0, done.stdout + done.stderr
    report, folder = report_in(guest.folder / "gate")
    [row] = report["requirements"]
    assert (row["id"], row["verdict"], len(row["cases"])) == ("ACME-ORDER-001", "passed", 1)
    assert row["source"] == "ACME, what our clients rely on, Progress"
    rows = list(csv.reader((folder / "acme.csv").read_text("utf-8").splitlines()))
    assert rows == [["ACME-ORDER-001", "passed"]]


def test_its_outage_is_played_with_its_fault(guest: Team) -> None:
    done = guest.run("queueproof", "chaos", "--only", "ACME-CHAOS-001", "--out", "chaos")

    # A busy machine may leave it open (3); it bit, and nothing was broken by it.
    assert done.returncode in (0, 3), done.stdout + done.stderr
    _, folder = report_in(guest.folder / "chaos")
    with gzip.open(folder / "history.jsonl.gz", "rt") as lines:
        history = lines.read()
    assert "writes wait confirmed: a write of our own waited for 0.5 s" in history


def test_its_profile_is_played(guest: Team) -> None:
    done = guest.run("queueproof", "load", "--only", "acme.nightly", "--out", "load")

    expect_played(done, "acme.nightly", guest.folder / "load")


def test_what_it_adds_is_listed(guest: Team) -> None:
    listed = {
        name: guest.run("queueproof", *words).stdout
        for name, words in {
            "ACME-ORDER-001": ("requirements", "order"),
            "ACME-CHAOS-001": ("chaos", "--list"),
            "acme.nightly": ("load", "--list"),
        }.items()
    }

    assert {name: name in text for name, text in listed.items()} == dict.fromkeys(listed, True)


def test_a_plugin_that_cannot_be_loaded_ends_the_run_in_one_line(
    guest: Team, tmp_path: Path
) -> None:
    write_files(
        tmp_path / "broken",
        {
            "pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n'
            'build-backend = "hatchling.build"\n[project]\nname = "broken-queue"\nversion = "0.2"\n'
            '[project.entry-points."queueproof.suites"]\nbroken = "broken_queue.nowhere"\n'
            '[tool.hatch.build.targets.wheel]\npackages = ["broken_queue"]\n',
            "broken_queue/__init__.py": "",
        },
    )
    install(tmp_path / "broken", tmp_path / "site")
    done = Team(guest.folder, tmp_path / "site").run("queueproof", "requirements")

    assert done.returncode == 2, done.stdout
    assert done.stderr.count("\n") == 1
    assert "plugin broken (broken-queue 0.2) cannot be loaded: ModuleNotFoundError" in done.stderr
