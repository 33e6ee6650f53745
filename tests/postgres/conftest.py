"""A PostgreSQL cluster of the tests' own, where the machine has the server's programs."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from queueproof.stack.ports import free_port

READY_S = 20.0
# The server refuses to run as root; whoever is listed first and exists runs it instead.
OTHERS = ("postgres", "nobody")
INIT = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
SMALL = ("fsync=off", "max_connections=60", "shared_buffers=8MB", "listen_addresses=127.0.0.1")


@dataclass(frozen=True)
class Cluster:
    """A running server; everybody on loopback is let in."""

    port: int

    def url(self, database: str = "postgres") -> str:
        """Where a database is."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A new database; its URL."""
        asyncio.run(self.execute(f'CREATE DATABASE "{database}"'))
        return self.url(database)

    def cut_connections(self) -> int:
        """End everybody's connection but our own; how many there were."""
        query = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname LIKE 'test%'"
        )
        return int(asyncio.run(self.execute(query)))

    async def execute(self, statement: str) -> Any:
        """One statement in the cluster's own database; the first value of its answer."""
        connection = await asyncpg.connect(self.url())
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Initialised, started, and gone with the session; skipped where there is no PostgreSQL."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL: neither `initdb` in PATH nor in /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="queueproof-postgres-"))
    user = give_away(folder)
    data, port = folder / "data", free_port()
    try:
        command = [programs / "initdb", "--pgdata", data, *INIT]
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        command = [programs / "postgres", "-D", data, "-p", str(port), "-k", folder]
        settings = [word for setting in SMALL for word in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*command, *settings], user=user, cwd=folder, stdout=log, stderr=log
            )
        try:
            await_ready(Cluster(port), server, folder / "log")
            yield Cluster(port)
        finally:
            # At once, whoever is still connected: nothing of it is needed any more.
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=READY_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path | None:
    """The folder of the server's programs: Debian keeps them out of PATH."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


def give_away(folder: Path) -> int | None:
    """Whom the server runs as: nobody else, unless we are root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    other = next((known[name] for name in OTHERS if name in known), None)
    if other is None:
        pytest.skip("PostgreSQL does not run as root, and there is no other user")
    os.chown(folder, other.pw_uid, other.pw_gid)
    return other.pw_uid


def await_ready(cluster: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when it lets somebody in."""
    deadline = time.monotonic() + READY_S
    while True:
        try:
            asyncio.run(cluster.execute("SELECT 1"))
        except (OSError, asyncpg.PostgresError):
            assert server.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.05)
        else:
            return
