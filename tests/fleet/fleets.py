"""Fleets of named workers that nobody has to start, for the tests of this folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count, cycle

from queueproof.errors import TargetUnreachable
from queueproof.targets.fleet import Fleet
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage

from .. import virtual_time

ONE, TWO = "http://127.0.0.1:1", "http://127.0.0.1:2"
Task = Callable[[Fleet], Awaitable[None]]


class InTurn:
    """Connections lead to the named workers in turn, the last one for ever if it `stays`."""

    name = "in turn"
    must_stay_warm = False

    def __init__(self, *keys: str, stays: bool = False) -> None:
        self.keys = iter(keys) if stays else cycle(keys)
        self.last = keys[-1]
        self.scratch_jobs = 7

    async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
        for vantage in vantages:
            vantage.worker = vantage.worker or next(self.keys, self.last)

    async def keep(self, anchor: Vantage) -> None:
        """Nothing to note."""


class Elsewhere:
    """Knows that every connection but the first leads to another worker."""

    name = "elsewhere"
    scratch_jobs = 0
    must_stay_warm = False

    async def keep(self, anchor: Vantage) -> None:
        """Nothing to note."""

    def __init__(self) -> None:
        self.sorted = count()

    async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
        for vantage in vantages:
            vantage.worker = vantage.worker or ("there" if next(self.sorted) else "here")
        await asyncio.sleep(0)


async def ping(vantage: Vantage) -> None:
    vantage.port = vantage.port or id(vantage)
    vantage.last_used_s = time.monotonic()


def on(
    task: Task,
    *keys: str,
    urls: tuple[str, ...] = (ONE,),
    stays: bool = False,
    ask: Callable[[Vantage], Awaitable[None]] = ping,
    expected: int | None = None,
    sorting: bool = True,
) -> None:
    """Do something with a fleet whose workers are known; closed behind it."""

    async def run() -> None:
        identifier = InTurn(*keys, stays=stays) if sorting else None
        fleet = Fleet(urls, identifier=identifier, ping=ask, upkeep=Upkeep(batch=4))
        try:
            await fleet.discover(expected=expected)
            await task(fleet)
        finally:
            await fleet.close()

    virtual_time.run(run)


def letters(fleet: Fleet) -> str:
    return "".join(worker.label for worker in fleet.workers)


def refusing(*urls: str) -> Callable[[Vantage], Awaitable[None]]:
    async def ask(vantage: Vantage) -> None:
        if vantage.url in urls:
            raise TargetUnreachable(f"{vantage.url} refuses")
        await ping(vantage)

    return ask
