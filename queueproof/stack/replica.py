"""One replica of the target: a master process and its workers, with a proxy of its own to Redis.
Where workers are programs beside the server, each program is a replica in this sense.

How it is killed, stopped and started is its keeper's affair: one that we launched, or one of a
deployment that its owner's commands control.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from queueproof.errors import HarnessError, NotAssessed, TargetUnreachable
from queueproof.processes.process_view import ProcessView
from queueproof.processes.signalling import Victim
from queueproof.stack.proxies import Proxy
from queueproof.targets.http import exchange
from queueproof.targets.vantage import Vantage
from queueproof.waiting import eventually

_SERVING_WITHIN_S = 240.0
_ANSWER_S = 2.0


class Keeper(Protocol):
    """Ends a replica and brings it up again, at the same URL."""

    clock_file: Path | None

    @property
    def told(self) -> str:
        """What its executor calls it, such as `pod queue-0`; empty for a process."""

    @property
    def knows_process(self) -> bool:
        """Whether its master process may be known."""

    @property
    def freezes_by_command(self) -> bool:
        """Whether it is frozen and thawed by its owner's commands or executor."""

    @property
    def replaces(self) -> bool:
        """Whether a successor comes by itself."""

    @property
    def current_pid(self) -> int | None:
        """The master process now, where that is known without asking anybody."""

    @property
    def last_words(self) -> str:
        """The end of what its master process printed, in one line, where we started it."""

    @property
    def log(self) -> Path | None:
        """The file that its master process prints to, where we started it."""

    async def master_pid(self) -> int | None:
        """The master process as it is told, where it can be known; to look at, not to signal."""

    async def victim(self) -> Victim | None:
        """The master process as one that may be signalled, where it is known.

        Raises NotSignalled for one that may not be.
        """

    def ends_by_command(self, *, graceful: bool) -> bool:
        """Whether the owner has declared a command that ends it so."""

    def must_be_startable(self) -> None:
        """Raise NotAssessed where nothing could bring it up again."""

    async def start(self) -> None:
        """Bring it up; returns when the program was started."""

    async def stop(self) -> None:
        """End it gracefully."""

    async def kill(self) -> None:
        """End it at once, workers and all."""

    async def freeze(self) -> None:
        """Have it stand still, where `freezes_by_command`."""

    async def thaw(self) -> None:
        """Have it go on."""

    async def runs(self) -> bool:
        """Whether it is known to run; asked of what answers no request."""

    async def gone(self) -> bool:
        """Whether what was ended last is known to be gone, by other means than its process."""


class Replica:
    """One replica; `index` is its place in every list of replicas.

    `ready_path` is what it answers with 200 once it serves; without one, it serves when its
    process runs. `label` names a worker program. `known_pid` is the process id last heard of.
    """

    def __init__(
        self,
        index: int,
        url: str,
        *,
        keeper: Keeper,
        proxy: Proxy | None,
        ready_path: str,
        label: str = "",
    ) -> None:
        self.index = index
        self.url = url
        self.proxy = proxy
        self.keeper = keeper
        self.expected_up = True
        self.ready_path = ready_path
        self.label = label
        self.known_pid: int | None = None

    @property
    def current_pid(self) -> int | None:
        """Its master process now, if it is known without asking anybody."""
        return self.keeper.current_pid or self.known_pid

    @property
    def name(self) -> str:
        """How reports call it."""
        name = self.label or f"replica {self.index}"
        return f"{name} ({self.keeper.told})" if self.keeper.told else name

    async def master_pid(self) -> int:
        """Its master process; raises NotAssessed where none is known."""
        self.known_pid = pid = await self.keeper.master_pid()
        if pid is None:
            raise NotAssessed(f"{self.name}: no process id; give process_root or pid_command")
        return pid

    async def victim(self) -> Victim:
        """Its master process, to be signalled; raises NotAssessed where none is known,
        NotSignalled where what is told of it is no process that may be signalled.
        """
        victim = await self.keeper.victim()
        if victim is None:
            raise NotAssessed(f"{self.name}: no process id; give process_root or pid_command")
        return victim

    async def victims(self) -> list[Victim]:
        """Its live workers, to be signalled; the master itself where it has none."""
        master = await self.victim()
        serving = sorted(ProcessView(master.pid).serving())
        return [master.below(pid, "worker process") for pid in serving] or [master]

    async def worker_pids(self) -> tuple[int, ...]:
        """Its live workers; the master itself where it has none (one process does it all)."""
        master = await self.master_pid()
        return tuple(sorted(ProcessView(master).serving())) or (master,)

    async def start(self) -> None:
        """Bring it up again and wait until it serves; raises HarnessError when it does not."""
        await self.keeper.start()
        await self.await_service()

    async def await_service(self) -> None:
        """Wait until it serves, whoever started it; raises HarnessError when it does not."""
        _, serving = await eventually(self.serving, bool, within_s=_SERVING_WITHIN_S)
        if not serving:
            raise HarnessError(f"{self.name} was started, but does not serve")
        self.known_pid = await self.keeper.master_pid()
        self.expected_up = True

    async def stop(self) -> None:
        """End it gracefully."""
        self.expected_up = False
        await self.keeper.stop()

    async def kill(self) -> None:
        """End it at once."""
        self.expected_up = False
        await self.keeper.kill()

    async def serving(self) -> bool:
        """Whether it answers a request now."""
        if not self.ready_path:
            return await self.keeper.runs()
        vantage = Vantage(self.url)
        try:
            answer = await exchange(vantage, "GET", self.ready_path, within_s=_ANSWER_S)
        except TargetUnreachable:
            return False
        finally:
            await vantage.close()
        return answer.status == 200
