"""The witness: a tiny server outside the queue that probe jobs tell about every tick they do.

What a stream says and what a worker did are two things. A job that is reported cancelled but
goes on telling the witness was not cancelled; a submit that was refused but reaches the witness
had side effects.

Where worker processes can be seen, it also knows which of them does a job: the one that holds the
other end of the connection on which the job's first tick is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from queueproof.config.model import TargetConfig
from queueproof.history import History
from queueproof.processes.socket_diag import Address
from queueproof.processes.sockets import owner_of
from queueproof.targets.witness_address import announced

#: A run of hours makes more jobs than anybody will ask about again.
_MOST_JOBS, _OLD_S = 20_000, 1800.0

#: The processes that may do jobs now, with what to call them; those below them too if asked,
#: which costs a look at every process of the machine.
Processes = Callable[[bool], Mapping[int, str]]
#: Of a tick's digits; whoever asks on an open port may write more than Python reads.
_LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Sighting:
    """One tick that was really done, and when."""

    tick: int
    at_s: float


class Witness:
    """Listens on loopback; remembers each job's ticks under the job's key."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._seen: dict[str, list[Sighting]] = {}
        self._heard = False
        self._workers: dict[str, str] = {}
        self._watched: list[Processes] = []
        self._server: asyncio.Server | None = None
        self.address: tuple[str, int] = ("", 0)
        #: Where jobs report, in words, and what keeps it from hearing them there, if that is known.
        self.place = ""
        self.trouble = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen; `address` then says where."""
        self._server = await asyncio.start_server(self._hear, host, port)
        self.address = self._server.sockets[0].getsockname()[:2]

    async def start_for(self, target: TargetConfig) -> None:
        """Begin to listen where the target file says; `address` is then what jobs are told."""
        await self.start(target.witness_host, target.witness_port)
        self.address = announced(target, self.address)
        self.place = "{}:{}".format(*self.address)

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    def sightings(self, key: str) -> list[Sighting]:
        """Every tick reported under `key`, in the order of arrival."""
        return list(self._seen.get(key, ()))

    @property
    def hears(self) -> bool:
        """Whether any job has told it anything yet."""
        return self._heard

    def watch(self, processes: Processes) -> None:
        """From now on, tell which of these processes does a job."""
        self._watched.append(processes)

    def forget(self, processes: Processes) -> None:
        """They are no longer of interest."""
        self._watched.remove(processes)

    def forget_jobs(self, keys: Iterable[str]) -> None:
        """Nobody will ask for the jobs with these keys any more."""
        for key in keys:
            self._seen.pop(key, None)
            self._workers.pop(key, None)

    def worker_of(self, key: str) -> str | None:
        """Who did the first tick reported under `key`, by name, where that could be seen."""
        return self._workers.get(key)

    def saw(self, key: str, sighting: Sighting) -> None:
        """A tick was done. Where there are very many jobs, old ones are forgotten."""
        self._heard = True
        self._seen.setdefault(key, []).append(sighting)
        if len(self._seen) > _MOST_JOBS:
            for old in list(islice(self._seen, _MOST_JOBS // 2)):
                if self._seen[old][-1].at_s < sighting.at_s - _OLD_S:
                    del self._seen[old]
                    self._workers.pop(old, None)

    def _look_who(self, key: str, peer: Address, own: Address) -> None:
        """Once a job: a look at the system's tables costs more than a tick is worth.

        A look may miss what is there, since tables are read in pieces, and is then made again.
        """
        if not self._watched or key in self._seen:
            return
        for below in (False, True, True):
            known = {
                pid: name for processes in self._watched for pid, name in processes(below).items()
            }
            pid = owner_of(peer, own, known)
            if pid is not None:
                self._workers[key] = known[pid]
                return

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5.0):
                request = (await reader.readline()).decode("ascii", "replace").split(" ")
                if len(request) > 1 and request[1].count("/") == 2:
                    _, key, tick = request[1].split("/")
                    if tick.isdigit() and len(tick) <= _LONGEST_NUMBER:
                        ends = (writer.get_extra_info(end)[:2] for end in ("peername", "sockname"))
                        self._look_who(key, *ends)
                        self.saw(key, Sighting(int(tick), self._history.now_s()))
                writer.write(b"HTTP/1.0 204 No Content\r\n\r\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError):
            pass  # ValueError: a line that does not end, which no job of ours sends
        finally:
            writer.close()
