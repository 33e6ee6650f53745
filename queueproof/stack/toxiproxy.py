"""A Toxiproxy server for the run: the real program, on a port of its own, ending with the run."""

from __future__ import annotations

from queueproof.errors import HarnessError
from queueproof.stack.children import Program, Starter, start_child
from queueproof.stack.folders import new_folder, remove
from queueproof.stack.ports import free_port
from queueproof.stack.toxiproxy_api import ToxiproxyApi
from queueproof.stack.toxiproxy_binary import find_toxiproxy
from queueproof.waiting import eventually

# On a machine that is starved a start takes long; one that cannot succeed ends by itself.
_STARTED_WITHIN_S = 60.0


class ToxiproxyServer:
    """One server on loopback, with byte counts switched on."""

    def __init__(self, binary: str = "", *, start: Starter = start_child) -> None:
        self._start = start
        self._binary = binary or find_toxiproxy()
        self._folder = new_folder("queueproof-toxiproxy-")
        self._child: Program | None = None
        self.api: ToxiproxyApi

    @property
    def pid(self) -> int:
        """The server's process id."""
        if self._child is None:
            raise HarnessError("Toxiproxy is not running")
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended by itself."""
        return self._child is not None and self._child.exit_code is None

    async def start(self) -> None:
        """Start it and wait until its API answers."""
        port = free_port()
        self.api = ToxiproxyApi(f"http://127.0.0.1:{port}")
        self._child = await self._start(
            [self._binary, "-host", "127.0.0.1", "-port", str(port), "-proxy-metrics"],
            environment={"LOG_LEVEL": "warn"},
            log=self._folder / "toxiproxy.log",
        )
        await eventually(self._settled, bool, within_s=_STARTED_WITHIN_S)
        if not await self._answers():
            last = self._child.output[-300:]
            await self.close()
            raise HarnessError(f"{self._binary} does not start: {last}")

    async def close(self) -> None:
        """Stop it for good and remove its files."""
        await self.api.close()
        if self._child is not None:
            await self._child.stop(grace_s=3.0)
            self._child = None
        remove(self._folder)

    async def _settled(self) -> bool:
        return not self.running or await self._answers()

    async def _answers(self) -> bool:
        try:
            await self.api.version()
        except HarnessError:
            return False
        return True
