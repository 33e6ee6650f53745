"""A fork that has imported the command line is what its program is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from queueproof import __version__
from tests.preforked import Preforked

#: Waits for ten minutes for a target that never comes.
WAITS = ("gate", "http://127.0.0.1:9", "--wait-ready", "600")
ENDED_S = 20.0


@pytest.fixture(scope="module")
def program() -> Iterator[Preforked]:
    made = Preforked()
    yield made
    made.close()


def run(program: Preforked, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return program.run(arguments, environment={**os.environ, **more}, timeout_s=60)


def test_a_run_has_its_outputs_apart_and_its_exit_code(program: Preforked) -> None:
    told, refused = run(program, "--version"), run(program, "gate", "--only", "NOPE-001")

    assert (told.returncode, told.stdout, told.stderr) == (0, f"queueproof {__version__}\n", "")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "NOPE-001" in refused.stderr


def test_a_run_has_an_environment_and_a_folder_of_its_own(
    program: Preforked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one run is told, the next is not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text("[target]\nno_such_key = 1\n", "utf-8")

    told = run(program, "gate", QUEUEPROOF_CONFIG="mine.toml")
    untold = run(program, "gate", "--only", "NOPE-001")

    assert "no_such_key" in told.stderr
    assert "no_such_key" not in untold.stderr


def test_a_run_that_takes_too_long_has_ended(program: Preforked) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        program.run(WAITS, environment=os.environ, timeout_s=2)

    assert not left_of(program)


def test_a_run_that_nobody_waits_for_has_ended(program: Preforked, tmp_path: Path) -> None:
    async def scenario() -> int | None:
        with (tmp_path / "log").open("wb") as sink:
            return await program.run_within(WAITS, environment=os.environ, sink=sink, within_s=2)

    assert asyncio.run(scenario()) is None
    assert not left_of(program)


def test_with_the_program_goes_what_waits_in_it() -> None:
    own = Preforked()
    run(own, "--version")
    pid = pid_of(own)
    assert psutil.pid_exists(pid)

    own.close()

    assert not psutil.pid_exists(pid)


def pid_of(program: Preforked) -> int:
    assert program.own._program is not None
    return program.own._program.pid


def left_of(program: Preforked) -> list[psutil.Process]:
    """The runs that are left, once they have had the time to be gone."""
    deadline = time.monotonic() + ENDED_S
    while (left := psutil.Process(pid_of(program)).children(recursive=True)) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.05)
    return left
