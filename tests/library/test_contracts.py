"""What the engine knows of a contract, and targets that are several programs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from queueproof.config.model import LaunchConfig
from queueproof.errors import UsageError
from queueproof.processes.process_view import alive
from queueproof.requirements.registry import contracts, load_registry
from queueproof.stack.launcher import Boot, Launcher
from queueproof.targets.contracts import contract_named
from queueproof.targets.worker_programs import worker_programs_of

SERVER = (sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1")
WORKER = (sys.executable, "-c", "import time; print('at work', flush=True); time.sleep(60)")
LAZY = (sys.executable, "-c", "pass")


def test_every_registered_contract_has_its_row() -> None:
    """A registry without an adapter could be listed and never played."""
    for name in contracts():
        assert contract_named(name).ready_path.startswith("/")


def test_a_contract_without_a_row_is_refused() -> None:
    with pytest.raises(UsageError, match="nonesuch"):
        contract_named("nonesuch")


def test_shared_requirements_cite_each_contracts_own_heading() -> None:
    """One row, two sources."""
    langflow, flowise = (load_registry(name)["STRM-005"] for name in ("langflow", "flowise"))

    assert langflow.sentence == flowise.sentence
    assert "Langflow" in langflow.source
    assert "Flowise" in flowise.source


def test_a_requirement_of_one_contract_is_not_in_the_other() -> None:
    ids = {name: {row.id for row in load_registry(name)} for name in ("langflow", "flowise")}

    assert "POLL-001" in ids["langflow"] - ids["flowise"]
    assert "QUEU-001" in ids["flowise"] - ids["langflow"]


def test_workers_are_named_by_process_by_health_or_by_both() -> None:
    first, second = worker_programs_of((4711,), ("http://127.0.0.1:1", "http://127.0.0.1:2"))

    assert (str(first), first.pid, first.url) == ("worker a", 4711, "http://127.0.0.1:1")
    assert (str(second), second.pid, second.url) == ("worker b", None, "http://127.0.0.1:2")
    assert worker_programs_of((), ()) == ()


def booted(config: LaunchConfig, *, crew: int) -> tuple[Boot, list[bool]]:
    """A target started and stopped: what it was, and which of its programs outlived it."""

    async def run() -> tuple[Boot, list[bool]]:
        launcher = Launcher(config, ready_path="/")
        boot = await launcher.boot({}, crew=crew)
        pids = [member.child.pid for member in [boot, *boot.crew]]
        await launcher.stop(boot)
        return boot, [alive(pid) for pid in pids]

    return asyncio.run(run())


def test_a_target_of_several_programs_starts_and_stops_as_one() -> None:
    """Workers are started beside the server, and none is left behind."""
    boot, left = booted(
        LaunchConfig(command=SERVER, worker_command=WORKER, worker_ready="at work"), crew=2
    )

    assert boot.serving
    assert [member.serving for member in boot.crew] == [True, True]
    assert left == [False, False, False]


def test_a_worker_that_ends_does_not_serve() -> None:
    boot, _ = booted(
        LaunchConfig(command=SERVER, worker_command=LAZY, worker_ready="at work"), crew=1
    )

    assert boot.serving
    assert [member.serving for member in boot.crew] == [False]


def test_without_a_worker_command_there_is_no_crew(tmp_path: Path) -> None:
    boot, _ = booted(LaunchConfig(command=SERVER), crew=2)

    assert boot.crew == []
