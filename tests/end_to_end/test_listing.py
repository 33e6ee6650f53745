"""`gate --list`: what would be asked, without a request to anybody."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from .conftest import clean_environment, gate_command

#: Nothing listens there: a listing that asked would end with 4.
NOBODY = "http://127.0.0.1:9"


def listed(*words: str, out: Path) -> dict[str, Any]:
    done = subprocess.run(
        gate_command(*words, "--list", "--json", out=out),
        capture_output=True,
        text=True,
        timeout=120,
        env=clean_environment(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_listing_says_what_is_asked_what_not_and_why(tmp_path: Path) -> None:
    """Of a URL alone: no Redis, no launches, and nothing is known of its workers."""
    document = listed(NOBODY, "--only", "ttl", "--only", "POLL-003", out=tmp_path)
    cases = {case["requirement"]: case for case in document["cases"]}

    assert document["target"] == [NOBODY]
    assert cases["POLL-003"]["asked"] == "if"
    assert "workers are found" in cases["POLL-003"]["reason"]
    assert cases["TTL-001"]["asked"] == "no"
    assert "--redis-url" in cases["TTL-001"]["reason"]
    assert document["estimated_s"] > 0
    assert not list(tmp_path.iterdir())
