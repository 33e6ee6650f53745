"""Programs of the reference that are forks: they are what a plain start is, and end as one."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from queueproof import paths
from queueproof.config.model import ForkServing
from queueproof.stack import fork_client
from queueproof.stack.children import start_child
from queueproof.stack.fork_client import ForkedProcess, ForkServer
from queueproof.targets.reference_forks import REFERENCE, reference_forks
from queueproof.waiting import eventually

REFERENCE_FORKS = reference_forks()
BASE = {"PYTHONPATH": str(paths.root())}
WORKER = {"JOBS_REDIS_URL": "redis://127.0.0.1:1"}


@pytest.fixture(scope="module")
def one_server() -> Iterator[ForkServer]:
    """For all who leave it as it was."""
    made = ForkServer(REFERENCE_FORKS.server, environment=BASE)
    yield made
    made.close()


@pytest.fixture
def server(one_server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> ForkServer:
    monkeypatch.setenv(fork_client.SHARED, one_server.path)
    return one_server


async def started(
    folder: Path, *words: str, forks: ForkServing | None = REFERENCE_FORKS, **environment: str
) -> ForkedProcess | asyncio.subprocess.Process:
    child = await start_child(
        [*REFERENCE, *words],
        environment={**BASE, **WORKER, **environment},
        log=folder / "log",
        cwd=folder,
        forks=forks,
    )
    return child._process


def is_forked(process: object) -> bool:
    return isinstance(process, ForkedProcess)


async def is_gone(pid: int) -> bool:
    async def gone() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return (await eventually(gone, bool, within_s=5.0))[1]


def test_a_fork_prints_and_ends_as_a_plain_start(server: ForkServer, tmp_path: Path) -> None:
    plain, forked = tmp_path / "plain", tmp_path / "forked"
    plain.mkdir(), forked.mkdir()

    async def run() -> tuple[tuple[bool, int], tuple[bool, int]]:
        first = await started(plain, "generic", "worker", forks=None, JOBS_SLOTS="many")
        second = await started(forked, "generic", "worker", JOBS_SLOTS="many")
        return (is_forked(first), await first.wait()), (is_forked(second), await second.wait())

    assert asyncio.run(run()) == ((False, 1), (True, 1))
    said = (forked / "log").read_text()
    assert said == (plain / "log").read_text()
    assert "many" in said


def test_a_fork_leads_a_session_of_its_own_in_its_folder(
    server: ForkServer, tmp_path: Path
) -> None:
    async def run() -> tuple[bool, str, int]:
        process = await started(tmp_path, "generic", "worker")
        leads, folder = os.getsid(process.pid) == process.pid, psutil.Process(process.pid).cwd()
        process.send_signal(signal.SIGKILL)
        return leads, folder, await process.wait()

    assert asyncio.run(run()) == (True, str(tmp_path), -signal.SIGKILL)


def test_a_signal_after_its_end_reaches_nobody(server: ForkServer, tmp_path: Path) -> None:
    async def run() -> None:
        process = await started(tmp_path, "generic", "worker")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        process.send_signal(signal.SIGKILL)
        assert await is_gone(process.pid)

    asyncio.run(run())


def test_who_asked_and_is_gone_takes_it_along(server: ForkServer, tmp_path: Path) -> None:
    async def run() -> None:
        process = await started(tmp_path, "generic", "worker")
        assert isinstance(process, ForkedProcess)
        asyncio.get_running_loop().remove_reader(process._asked)
        process._asked.close()
        assert await is_gone(process.pid)

    asyncio.run(run())


def test_the_end_of_the_server_is_the_end_of_its_forks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ForkServer(REFERENCE_FORKS.server, environment=BASE)
    monkeypatch.setenv(fork_client.SHARED, server.path)

    async def run() -> int:
        process = await started(tmp_path, "generic", "worker")
        server.close()
        assert await is_gone(process.pid)
        return await process.wait()

    assert asyncio.run(run()) == -signal.SIGTERM


@pytest.mark.parametrize(
    "environment", [{"REFERENCE_FAST": "0"}, {"PYTHONPATH": "elsewhere"}, {"PYTHONHASHSEED": "1"}]
)
def test_what_works_at_the_start_alone_is_started_plainly(
    server: ForkServer, tmp_path: Path, environment: dict[str, str]
) -> None:
    async def run() -> bool:
        process = await started(tmp_path, "generic", "worker", **environment)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        return is_forked(process)

    assert asyncio.run(run()) is False


def test_where_no_server_answers_it_is_started_plainly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(fork_client.SHARED, str(tmp_path / "nobody"))

    async def run() -> bool:
        process = await started(tmp_path, "generic", "worker")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        return is_forked(process)

    assert asyncio.run(run()) is False


def test_where_a_server_does_not_answer_it_is_started_plainly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fork_client, "_ANSWERED_WITHIN_S", 0.1)
    monkeypatch.setenv(fork_client.SHARED, str(tmp_path / "socket"))

    async def run() -> bool:
        process = await started(tmp_path, "generic", "worker")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        return is_forked(process)

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        assert asyncio.run(run()) is False


def test_where_no_server_can_listen_it_is_started_plainly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a folder whose name is too long for a socket, say."""
    deep = tmp_path / ("long" * 25)
    deep.mkdir()
    monkeypatch.delenv(fork_client.SHARED, raising=False)
    monkeypatch.setattr(fork_client, "new_folder", lambda _: deep)
    fork_client.fork_server.cache_clear()

    async def run() -> bool:
        process = await started(tmp_path, "generic", "worker")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        return is_forked(process)

    try:
        assert asyncio.run(run()) is False
    finally:
        fork_client.fork_server.cache_clear()


def test_another_program_is_no_fork(server: ForkServer, tmp_path: Path) -> None:
    async def run() -> bool:
        child = await start_child(
            [sys.executable, "-c", ""], environment={}, log=tmp_path / "log", forks=REFERENCE_FORKS
        )
        await child.wait()
        return is_forked(child._process)

    assert asyncio.run(run()) is False


def test_the_server_has_imported_what_others_wrote_and_nothing_of_ours() -> None:
    """Ours comes behind what the environment asks for, such as a variant of it."""
    code = (
        "import sys\n"
        "from reference_impl.fast import fork_server\n"
        "fork_server.import_others()\n"
        "before = set(sys.modules)\n"
        "import reference_impl.langflow.application, reference_impl.langflow.preflight\n"
        "import reference_impl.langflow.gunicorn_worker, reference_impl.generic.command\n"
        "import reference_impl.flowise.server_program, reference_impl.flowise.worker_program\n"
        "print(*(set(sys.modules) - before))\n"
        "print(*before)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=paths.root()
    )
    late, early = (line.split() for line in told.stdout.splitlines())

    others = {name.partition(".")[0] for name in late if not name.startswith("reference_impl")}
    assert others <= set(sys.stdlib_module_names)
    ours = {name for name in early if name.startswith("reference_impl")}
    assert ours == {"reference_impl", "reference_impl.fast", "reference_impl.fast.fork_server"}
