"""The gate's own promises: honest about what it could not judge, truthful when interrupted,
tidy afterwards.
"""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import httpx
import jsonschema
import psutil
import pytest

from queueproof.reporting.json_report import schema

from .conftest import (
    PASSWORD,
    GateRun,
    Reference,
    clean_environment,
    gate_command,
    run_gate,
    started_reference,
    wait_until,
)


def token(reference: Reference, username: str = "admin", password: str = PASSWORD) -> str:
    form = {"username": username, "password": password}
    answer = httpx.post(reference.url + "/api/v1/login", data=form, trust_env=False)
    return str(answer.json()["access_token"])


def test_the_embedded_reference_passes_and_the_report_is_valid(tmp_path: Path) -> None:
    """Exit code 0, all five files, a report that follows its schema."""
    run = run_gate("--only", "POLL-003", "--only", "STRM-002", out=tmp_path)

    assert run.exit_code == 0, run.output
    assert run.verdict_of("POLL-003") == "passed"
    jsonschema.validate(run.report, schema())
    [folder] = tmp_path.iterdir()
    assert {path.name for path in folder.iterdir()} == {
        "report.json",
        "report.html",
        "junit.xml",
        "summary.md",
        "history.jsonl.gz",
    }


def test_workers_are_found_through_the_monitor_alone(reference: Reference, tmp_path: Path) -> None:
    """With a URL and a superuser's login, no process id, no header."""
    run = run_gate(reference.url, "--only", "POLL-003", out=tmp_path, **reference.login)

    assert run.exit_code == 0, run.output
    assert run.report["target"]["workers"] == ["a", "b"]
    assert "monitor counters" in str(run.report["coverage"]["notes"])


def test_a_header_names_the_workers(tmp_path: Path) -> None:
    """Where a response says which worker it came from, nothing else is asked."""
    target = tmp_path / "target.toml"
    with started_reference(tmp_path, REFERENCE_WORKER_HEADER="x-worker") as running:
        target.write_text(
            f'[target]\nurls = ["{running.url}"]\nworker_header = "x-worker"\n', "utf-8"
        )
        run = run_gate(
            *("--config", str(target), "--only", "POLL-003"), out=tmp_path / "out", **running.login
        )

    assert run.exit_code == 0, run.output
    assert len(run.report["target"]["workers"]) == 2
    assert "worker header" in str(run.report["coverage"]["notes"])


def test_replicas_are_told_apart_by_their_urls(tmp_path: Path) -> None:
    """Two replicas of one worker each, on one Redis and one database."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    shared = {
        "LANGFLOW_WORKERS": "1",
        "LANGFLOW_CONFIG_DIR": str(one),
        "LANGFLOW_DATABASE_URL": f"sqlite:///{one}/shared.db",
    }
    with started_reference(one, **shared) as first:
        same_redis = {"LANGFLOW_REDIS_QUEUE_URL": first.redis_url}
        with started_reference(two, **shared, **same_redis) as second:
            target = tmp_path / "target.toml"
            target.write_text(f'[target]\nurls = ["{first.url}", "{second.url}"]\n', "utf-8")
            run = run_gate(
                *("--config", str(target), "--only", "POLL-003", "--only", "CANC-003"),
                out=tmp_path / "out",
                **first.login,
            )

    assert run.exit_code == 0, run.output
    assert run.verdict_of("POLL-003") == run.verdict_of("CANC-003") == "passed"
    assert "one URL a worker" in str(run.report["coverage"]["notes"])


def test_without_an_admin_token_it_runs_and_says_what_it_could_not_assess(
    reference: Reference, tmp_path: Path
) -> None:
    """An ordinary user's token: nothing that needs the monitor or several workers is claimed."""
    admin = {"Authorization": f"Bearer {token(reference)}"}
    user = {"username": "ordinary", "password": "Ordinary-1"}
    url = reference.url + "/api/v1/users/"
    made = httpx.post(url, json=user, headers=admin, trust_env=False).json()
    httpx.patch(f"{url}{made['id']}", json={"is_active": True}, headers=admin, trust_env=False)

    run = run_gate(
        reference.url,
        *("--only", "POLL-002", "--only", "POLL-003", "--only", "MONI-001"),
        out=tmp_path,
        QUEUEPROOF_TOKEN=token(reference, **user),
    )

    assert run.exit_code == 0, run.output
    assert run.verdict_of("POLL-002") == "passed"
    assert run.verdict_of("POLL-003") == "not_assessed"
    assert run.verdict_of("MONI-001") == "not_assessed"
    reasons = {case["reason"] for row in run.report["requirements"] for case in row["cases"]}
    assert any("could not be told apart" in reason for reason in reasons)
    assert any("needs admin access" in reason for reason in reasons)


def test_strict_makes_what_was_not_assessed_inconclusive(
    reference: Reference, tmp_path: Path
) -> None:
    """A pipeline that demands everything is not told that all is well."""
    arguments = ("--only", "POLL-002", "--only", "TTL-001", "--strict")

    run = run_gate(reference.url, *arguments, out=tmp_path, **reference.known)

    assert run.exit_code == 3, run.output


def test_secrets_reach_no_file_of_the_report(reference: Reference, tmp_path: Path) -> None:
    """Neither the password nor the token."""
    secret = token(reference)
    workers = {"QUEUEPROOF_WORKERS": str(reference.workers)}
    run = run_gate(
        *(reference.url, "--only", "access"), out=tmp_path, QUEUEPROOF_TOKEN=secret, **workers
    )

    assert run.exit_code == 0, run.output
    for path in tmp_path.rglob("*.*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
            assert PASSWORD.encode() not in path.read_bytes(), path


def test_nothing_is_left_on_the_target(reference: Reference, tmp_path: Path) -> None:
    """The probe flow and the second user are gone."""
    run = run_gate(reference.url, "--only", "access", out=tmp_path, **reference.known)

    headers = {"Authorization": f"Bearer {token(reference)}"}
    flows = httpx.get(reference.url + "/api/v1/flows/", headers=headers, trust_env=False).json()
    assert run.exit_code == 0, run.output
    assert [flow["name"] for flow in flows if "queueproof" in flow["name"]] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_a_truthful_report_and_no_process(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Cases that were not over are not assessed, and say by what."""
    process = subprocess.Popen(
        gate_command("--only", "GRACE-005", "--only", "POLL-002", out=tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean_environment(),
    )
    family: list[psutil.Process] = []

    def under_way() -> bool:
        family[:] = psutil.Process(process.pid).children(recursive=True)
        return len(family) >= 4 and process.poll() is None

    assert wait_until(under_way, within_s=30)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    run = GateRun(process.returncode, output, tmp_path)

    assert run.exit_code in (2, 3), output
    assert wait_until(lambda: not any(child.is_running() for child in family), within_s=10)
    if run.exit_code == 3:
        assert run.report["run"]["interrupted"] == f"interrupted by {number.name}"
        assert run.verdict_of("GRACE-005") == "not_assessed"


def test_a_target_that_dies_mid_run_is_unreachable_not_failed(tmp_path: Path) -> None:
    """Exit code 4, a report, and no accusation."""
    folder = tmp_path / "target"
    folder.mkdir()
    with started_reference(folder, LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S="20") as doomed:
        process = subprocess.Popen(
            gate_command(
                doomed.url, "--only", "GRACE-002", "--only", "STRM-014", out=tmp_path / "out"
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**clean_environment(), **doomed.known},
        )
        log = folder / "reference.log"
        assert process.stdout is not None
        for line in process.stdout:
            if "side by side" in line:
                break
        family = psutil.Process(doomed.process.pid).children(recursive=True)
        for victim in [psutil.Process(doomed.process.pid), *family]:
            victim.kill()
        output, _ = process.communicate(timeout=120)

    run = GateRun(process.returncode, output, tmp_path / "out")
    assert run.exit_code == 4, output + log.read_text("utf-8")[-2000:]
    assert run.report["summary"]["counts"]["failed"] == 0


def test_the_other_contract_is_judged_too(tmp_path: Path) -> None:
    """One server, two workers, and requirements that both contracts share."""
    run = run_gate(
        "--contract", "flowise", "--only", "prediction", "--only", "STRM-005", out=tmp_path
    )

    assert run.exit_code == 0, run.output
    assert run.report["target"]["contract"] == "flowise"
    assert run.verdict_of("PRED-001") == run.verdict_of("STRM-005") == "passed"
