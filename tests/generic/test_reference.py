"""The generic reference: launched as any queue is, it keeps what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from queueproof.config.load import load_target
from queueproof.errors import UsageError
from queueproof.targets.contracts import (
    embedded_target,
    programs_of,
    ready_of,
    ready_path_of,
    workers_stand_apart,
)

from ..end_to_end.conftest import run_gate
from .conftest import MAPPING

LAUNCH = """
[launch]
command = ["front", "--port", "{port}", "--redis", "{redis_port}"]
worker_command = ["worker"]
worker_ready = ""
"""


def test_the_embedded_queue_is_launched_with_workers_and_keeps_its_promises(
    tmp_path: Path,
) -> None:
    """A selection that crosses fronts and workers; nothing of it is left out."""
    asked = ("SUBM-002", "CANC-003", "POLL-003", "STRM-001", "STAT-001", "ACCS-008")

    run = run_gate(
        *("--contract", "generic"), *(w for name in asked for w in ("--only", name)), out=tmp_path
    )

    assert run.exit_code == 0, run.output
    assert {name: run.verdict_of(name) for name in asked} == dict.fromkeys(asked, "passed")
    assert run.report["target"]["version"] == "generic reference"


def test_a_file_with_worker_commands_describes_workers_apart(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    urls = 'urls = ["http://127.0.0.1:8001", "http://127.0.0.1:8002"]'
    text = MAPPING.read_text("utf-8")
    assert urls in text
    file.write_text(text.replace(urls, "") + LAUNCH, "utf-8")

    target = load_target(file, {})

    assert workers_stand_apart(target)
    assert (target.workers, programs_of(target, 2)) == (2, 3)
    assert ready_of(target) == ready_path_of(target) == "/health"


def test_a_launch_without_a_command_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    file.write_text(MAPPING.read_text("utf-8") + '\n[launch]\nready = "port"\n', "utf-8")

    with pytest.raises(UsageError, match="needs a command"):
        load_target(file, {})


def test_the_embedded_queue_promises_what_any_queue_may() -> None:
    promises = embedded_target("generic").promises

    assert promises is not None
    assert promises.delivery == "at-least-once"
    assert promises.priorities == ("low", "normal", "high")
