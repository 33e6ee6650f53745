"""The keeper of a replica that we launch: it ends it and brings it up again."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from queueproof.errors import HarnessError
from queueproof.executors.declared_keeper import ProcessKeeper
from queueproof.processes.process_view import alive
from queueproof.processes.signalling import NotSignalled, Victim
from queueproof.redaction import redacted
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.log_lines import without_folders

#: How long a supervisor waits before it starts again what has ended.
_RESTARTED_AFTER_S = 0.5

_LONGEST_LINE = 200


class LaunchedKeeper(ProcessKeeper):
    """Keeps a replica that we launch: same port, same data, same settings at every start.

    With `worker`, it is a worker program beside a server that was started before. A supervised one
    is started again whenever it ends, but by `stop`.
    """

    def __init__(
        self,
        launcher: Launcher,
        settings: dict[str, str | None],
        *,
        data: Path,
        clock_file: Path | None = None,
        worker: bool = False,
    ) -> None:
        self.clock_file = clock_file
        self.boot: Boot | None = None
        self.worker = worker
        self._launcher = launcher
        self._settings = settings
        self._data = data
        self._port: int | None = None
        self._starting = asyncio.Lock()
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it serves, once started."""
        assert self.boot is not None
        return self.boot.url

    @property
    def last_words(self) -> str:
        """The last line of text that the program printed, without the folders of this machine."""
        return last_text_line(self.boot.output) if self.boot else ""

    @property
    def log(self) -> Path | None:
        """The file that the program prints to, once started."""
        return self.boot.child.log if self.boot else None

    @property
    def current_pid(self) -> int | None:
        """The program we started."""
        return self.boot.child.pid if self.boot else None

    async def master_pid(self) -> int | None:
        """The program we started."""
        return self.boot.child.pid if self.boot else None

    async def victim(self) -> Victim | None:
        """The program we started."""
        return Victim.started(self.boot.child.pid, "master process") if self.boot else None

    def ends_by_command(self, *, graceful: bool) -> bool:  # noqa: ARG002  (the protocol's)
        """It is ended by signals."""
        return False

    def must_be_startable(self) -> None:
        """It always is."""

    async def start(self) -> None:
        """Boot it, unless its supervisor was quicker; raises HarnessError with its last words when
        it does not serve.
        """
        async with self._starting:
            # A program that has ended may be told here a moment later than by the process table.
            if self._supervisor is None or self.boot is None or not alive(self.boot.child.pid):
                await self._boot()
        if self.worker and self._launcher.config.supervised and self._supervisor is None:
            self._supervisor = asyncio.create_task(self._supervise())

    async def _supervise(self) -> None:
        """Start it again, as often as it ends, until it is stopped."""
        while True:
            assert self.boot is not None
            await self.boot.child.wait()
            await asyncio.sleep(_RESTARTED_AFTER_S)
            with suppress(HarnessError):
                await self.start()

    async def _boot(self) -> None:
        start = self._launcher.boot_worker if self.worker else self._launcher.boot
        boot = await start(self._settings, data=self._data, port=self._port)
        if not boot.serving:
            why = boot.why_mute
            await boot.child.stop(grace_s=1.0)
            raise HarnessError(f"the launched replica does not serve, {why}")
        self.boot = boot
        self._port = int(boot.url.rpartition(":")[2])

    async def stop(self) -> None:
        """Ask it to stop and wait for it."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
            self._supervisor = None
        if self.boot is not None:
            await self._launcher.stop(self.boot, keep_data=True)

    async def kill(self) -> None:
        """Kill master and workers."""
        if self.boot is not None:
            with suppress(NotSignalled):
                Victim.started(self.boot.child.pid).send_to_family(signal.SIGKILL)
            await self.boot.child.wait()


def last_text_line(output: str) -> str:
    """The last line that is text, at most 200 characters of it; paths are cut to file names."""
    lines = [line.strip() for line in output.splitlines()]
    text = next((line for line in reversed(lines) if line and line.isprintable()), "")
    return without_folders(redacted(text))[-_LONGEST_LINE:]
