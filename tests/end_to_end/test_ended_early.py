"""A gate that is ended early: what it found is reported, what it made is removed, if later."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from .conftest import PASSWORD, Reference, clean_environment, gate_command, run_gate, wait_until

_CANARY = "cAnArY-0123456789-canary"


def things(reference: Reference) -> list[str]:
    """The names of queueproof's flows and users on the reference."""
    with httpx.Client(base_url=reference.url, trust_env=False) as client:
        form = {"username": "admin", "password": PASSWORD}
        token = client.post("/api/v1/login", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        flows = [flow["name"] for flow in client.get("/api/v1/flows/").json()]
        users = [user["username"] for user in client.get("/api/v1/users/").json()["users"]]
    return [name for name in flows + users if name.startswith("queueproof")]


@pytest.mark.parametrize(
    "numbers",
    [
        (signal.SIGHUP,),
        (signal.SIGINT,),
        (signal.SIGTERM, signal.SIGTERM),
        (signal.SIGKILL,),
    ],
    ids=["SIGHUP", "SIGINT", "SIGTERM twice", "SIGKILL"],
)
def test_nothing_stays_behind(
    reference: Reference, tmp_path: Path, numbers: tuple[signal.Signals, ...]
) -> None:
    """A signal that can be heeded leaves nothing, a second one neither, and no traceback.

    After SIGKILL the next run finds it.
    """
    out = tmp_path / "out"
    gate = subprocess.Popen(
        gate_command(reference.url, "--only", "polling", out=out),
        env={**clean_environment(), **reference.known},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert wait_until(lambda: len(things(reference)) >= 2, within_s=60)

    for number in numbers:
        gate.send_signal(number)
        time.sleep(0.2)
    output, _ = gate.communicate(timeout=60)

    assert "Traceback" not in output
    assert "never retrieved" not in output
    if signal.SIGKILL not in numbers:
        assert gate.returncode == 3, output
        [path] = out.glob("*/report.json")
        report = json.loads(path.read_text("utf-8"))
        assert report["run"]["interrupted"] == f"interrupted by {numbers[0].name}"
    else:
        assert len(things(reference)) >= 2
        later = run_gate(reference.url, "--only", "POLL-003", out=tmp_path / "b", **reference.known)
        assert "removed what an earlier run had left" in str(later.report["coverage"]["notes"])
    assert things(reference) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("QUEUEPROOF_TOKEN", f"{_CANARY}é"),
        ("QUEUEPROOF_ADMIN_TOKEN", f"{_CANARY}\nX: y"),
        ("QUEUEPROOF_REDIS_URL", f"redis://:x/{_CANARY}#y@127.0.0.1:6379/1"),
        ("QUEUEPROOF_REDIS_URL", f"redis://:{_CANARY}@[::1/1"),
        ("QUEUEPROOF_TOKEN", f"{_CANARY}\n"),
    ],
)
def test_no_secret_is_quoted_when_it_is_wrong(
    reference: Reference, tmp_path: Path, variable: str, value: str
) -> None:
    """A last line that says what to do, exit code 2, not a piece of the secret."""
    out = tmp_path / "out"

    run = run_gate(reference.url, "--only", "POLL-003", out=out, **{variable: value})

    assert run.exit_code == 2
    assert run.output.strip().splitlines()[-1].startswith("queueproof: "), run.output
    assert _CANARY.lower() not in run.output.lower()
    assert "Traceback" not in run.output
