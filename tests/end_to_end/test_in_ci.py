"""A gate as CI runs it: baseline, job summary, annotations, and a bug report's script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from queueproof.reporting import json_report
from queueproof.reproducing.player_core import HOLDS

from ..reproducing.records import report_on
from .conftest import PASSWORD, Reference, clean_environment, run_gate

_STALE = '[[accept]]\nid = "POLL-008"\nreason = "was broken"\n'


def test_a_stale_baseline_fails_the_run_and_github_is_told(
    reference: Reference, tmp_path: Path
) -> None:
    """The only thing wrong is the entry, and it is what the log and the summary name."""
    baseline, summary = tmp_path / "known.toml", tmp_path / "summary.md"
    baseline.write_text(_STALE, "utf-8")
    ci = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}

    run = run_gate(
        *(reference.url, "--only", "POLL-008", "--baseline", str(baseline)),
        out=tmp_path / "out",
        **reference.known,
        **ci,
    )

    assert run.exit_code == 1, run.output
    assert "::error title=baseline entry POLL-008::stale" in run.output
    assert "Baseline out of date" in summary.read_text("utf-8")
    assert run.verdict_of("POLL-008") == "passed"
    [path] = run.out.glob("*/report.json")
    assert json_report.load(path).exit_code == 1


def test_the_script_of_a_langflow_failure_finds_nothing_wrong_with_the_reference(
    reference: Reference, tmp_path: Path
) -> None:
    """It logs in, makes its flow, finds two workers, plays, judges, and tidies up."""
    made = report_on("POLL-005")
    script = tmp_path / made.script_name
    script.write_text(made.script, "utf-8")
    login = {"LANGFLOW_USERNAME": "admin", "LANGFLOW_PASSWORD": PASSWORD}

    done = subprocess.run(
        [sys.executable, "-I", str(script), reference.url],
        capture_output=True,
        text=True,
        timeout=90,
        env={**clean_environment(), **login},
        check=False,
    )

    assert done.returncode == HOLDS, done.stdout + done.stderr
    assert "not reproduced" in done.stdout
    assert _flows(reference) == []


def _flows(reference: Reference) -> list[str]:
    """The flows that a reproduction left behind."""
    with httpx.Client(base_url=reference.url, trust_env=False) as client:
        form = {"username": "admin", "password": PASSWORD}
        token = client.post("/api/v1/login", data=form).json()["access_token"]
        flows = client.get("/api/v1/flows/", headers={"Authorization": f"Bearer {token}"})
    return [flow["name"] for flow in flows.json() if flow["name"].startswith("reproduction")]
