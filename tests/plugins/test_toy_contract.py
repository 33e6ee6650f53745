"""A contract is a package: what docs/writing-a-target.md shows, installed beside queueproof.

Its gate, its load, its exploring and its outage are played on a small queue of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, Team, install, preforked_with, shown_files, write_files
from .test_installed import expect_played, report_in

PROFILE = """
id = "acme.trickle"
title = "A few jobs"
verifies = "Every job is brought to its end."
contracts = ["acme"]
rate = 4
duration_s = 3

[[tasks]]
does = "poll"
ticks = 2
"""
SCENARIO = """
[[scenario]]
id = "ACME-CHAOS-001"
title = "Redis keeps writes waiting for a moment"
verifies = "A queue that does not use it does not notice."
contracts = ["acme"]
faults = [{ fault = "pause", by = "client_pause", mode = "write", for_s = 3.0 }]
lasts = 1.0
costs = "nothing"
replicas = 1
"""


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The page's package with the queue that it speaks to, installed; profiles in a folder."""
    project, site = tmp_path_factory.mktemp("acme-contract"), tmp_path_factory.mktemp("site")
    server = (ROOT / "tests/plugins/acme_server.py").read_text("utf-8")
    write_files(project, {**shown_files("writing-a-target.md"), "acme_contract/server.py": server})
    install(project, site)
    folder = tmp_path_factory.mktemp("team")
    write_files(folder, {"my_profiles/a.toml": PROFILE, "my_scenarios/a.toml": SCENARIO})
    with preforked_with(site) as program:
        yield Team(folder, site, program=program)


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in report["requirements"]}


def test_its_requirements_cite_its_document(acme: Team) -> None:
    done = acme.run("queueproof", "requirements", "--contract", "acme")

    assert done.returncode == 0, done.stderr
    assert "4 requirements of acme" in done.stdout
    assert "Progress" in done.stdout


def test_its_gate_passes_and_its_report_names_its_document(acme: Team) -> None:
    done = acme.run("queueproof", "gate", "--contract", "acme", "--out", "gate")

    assert done.returncode == 0, done.stdout + done.stderr
    report, folder = report_in(acme.folder / "gate")
    assert verdicts(report) == {"POLL-002": "passed", "STRM-005": "passed"}
    assert report["requirements"][0]["source"].startswith("ACME queue, Guarantees")
    assert report["target"]["contract"] == "acme"
    diff = acme.run("queueproof", "report", "diff", str(folder), str(folder))
    assert diff.returncode == 0, diff.stderr


def test_its_gate_fails_where_the_queue_is_broken(acme: Team) -> None:
    """And the bug report is written though no player repeats its steps."""
    words = ("--contract", "acme", "--setting", "ACME_FAULT=twice", "--out", "broken")
    done = acme.run("queueproof", "gate", *words)

    assert done.returncode == 1, done.stdout + done.stderr
    report, folder = report_in(acme.folder / "broken")
    assert verdicts(report)["POLL-002"] == "failed"
    issue = acme.run("queueproof", "report", "issue", "POLL-002", "--report", str(folder))
    assert issue.returncode == 0, issue.stdout + issue.stderr


def test_its_load_is_played(acme: Team) -> None:
    words = ("--contract", "acme", "--profiles", "my_profiles", "--only", "acme.trickle")
    done = acme.run("queueproof", "load", *words, "--out", "load")

    expect_played(done, "acme.trickle", acme.folder / "load")


def test_its_outage_is_played(acme: Team) -> None:
    words = ("--contract", "acme", "--scenarios", "my_scenarios", "--out", "chaos")
    done = acme.run("queueproof", "chaos", *words)

    assert done.returncode in (0, 3), done.stdout + done.stderr
    report, _ = report_in(acme.folder / "chaos")
    assert [one["id"] for one in report["scenarios"]] == ["ACME-CHAOS-001"]
    assert "failed" not in json.dumps(verdicts(report))


def test_schedules_nobody_wrote_are_played_on_it(acme: Team) -> None:
    """Also where it does what another contract forbids: its polls after the end tell nothing."""
    seed = ("--seed", "171218")
    words = ("--contract", "acme", "--duration", "3s", "--calm", *seed, "--out", "explore")
    done = acme.run("queueproof", "explore", *words)

    assert done.returncode in (0, 3), done.stdout + done.stderr


def test_a_contract_of_ours_cannot_be_taken_over(acme: Team, tmp_path: Path) -> None:
    files = shown_files("writing-a-target.md")
    files["pyproject.toml"] = files["pyproject.toml"].replace('acme = "acme', 'flowise = "acme')
    write_files(tmp_path / "project", files)
    install(tmp_path / "project", tmp_path / "site")

    done = Team(acme.folder, tmp_path / "site").run("queueproof", "gate", "--only", "POLL-001")

    assert done.returncode == 2, done.stdout
    assert "there is a contract flowise already" in done.stderr
