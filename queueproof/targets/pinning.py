"""Whether a connection keeps to one worker: seen by asking it several times.

A front that balances requests hands each of them to another worker, whatever connection it came
on. Then no connection is a view of one worker, and what one seems to show of worker a is told by
b. Two things prove it: answers of one connection that name different workers, and counters that
never fall, on a worker that lives, but fell from one answer to the next.

Connections are asked first one after another, each several times in a row: asked together, as many
as there are workers, each could meet the same worker in every round of a front's turns. Then they
are asked together, in changing numbers and order: a front that keeps connections of its own takes
the one used last, and one request at a time would always come out at the same worker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from weakref import WeakKeyDictionary

from queueproof.errors import Inconclusive
from queueproof.reporting.text import shown_in_line
from queueproof.targets.asking import at_once
from queueproof.targets.vantage import Vantage

Counters = dict[str, int]

BALANCED = "a front balances every request"
NEVER_FALL = ("published", "dispatched_owned", "dispatched_foreign")
ADVICE = (
    "let it balance connections (TCP) instead of requests, turn on session affinity by cookie, "
    "or give one URL a worker (of a headless service, for example)"
)
_IN_A_ROW, _ONE_BY_ONE = 6, 3
_ROUNDS, _FEWER = 9, 3
_LONGEST = 60


class RequestsBalanced(Inconclusive):
    """One connection leads to several workers, request by request."""

    def __init__(self, seen: str) -> None:
        super().__init__(f"{BALANCED}: {seen}; {ADVICE}")


class NameShared(Inconclusive):
    """Several workers bear one name in the header that should name each."""


async def expect_name_of_one(
    vantages: Sequence[Vantage],
    read: Callable[[Vantage], Awaitable[Counters]],
    scratch_job: Callable[[Vantage], AbstractAsyncContextManager[None]],
) -> None:
    """Read the monitor by connections that a header calls by one name, before and after a job.

    Raises NameShared when what never falls fell from one of them to the next.
    """
    name, latest = vantages[0].worker, dict[str, int]()

    async def look() -> None:
        nonlocal latest
        for vantage in vantages:
            counters = await read(vantage)
            if vantage.answered_by not in (None, name):
                continue  # its connection was opened anew, and leads elsewhere
            if fell := _fell(latest, counters):
                raise NameShared(
                    f"the name {shown_in_line(str(name), limit=_LONGEST)} is that of several "
                    f"workers: {fell} from one connection to the next"
                )
            latest = counters

    await look()
    if latest.keys() & set(NEVER_FALL):
        async with scratch_job(vantages[0]):
            pass
        await look()
        await look()


async def expect_one_giver(
    vantages: Sequence[Vantage], ask: Callable[[Vantage], Awaitable[object]]
) -> None:
    """Ask connections several times each, whose answers name the worker in a header.

    Raises RequestsBalanced when answers of one connection came from different workers.
    """
    # Who answered when the connection was sorted counts too.
    givers = {one: [one.worker] if one.worker is not None else [] for one in vantages}

    async def note(vantage: Vantage) -> None:
        await ask(vantage)
        if vantage.answered_by is not None and not vantage.reopened:
            givers[vantage].append(vantage.answered_by)

    await _several_times(vantages, note)
    most = max(givers.values(), key=lambda told: len(set(told)), default=[])
    if len(set(most)) > 1:
        raise RequestsBalanced(
            f"{len(most)} answers on one connection came from {len(set(most))} workers"
        )


async def _several_times(
    vantages: Sequence[Vantage], ask: Callable[[Vantage], Awaitable[object]]
) -> None:
    """In a row on one after another, then on changing sets of them at once."""
    for vantage in vantages[:_ONE_BY_ONE]:
        for _ in range(_IN_A_ROW):
            await ask(vantage)
    crowd = list(vantages)
    for number in range(_ROUNDS if len(crowd) > 1 else 0):
        crowd = crowd[1:] + crowd[:1]
        asked = crowd[: max(2, len(crowd) - number % _FEWER)]
        with at_once():
            await asyncio.gather(*(ask(vantage) for vantage in asked))


class CounterWatch:
    """Remembers what each connection's monitor counted, and notices when that fell."""

    def __init__(self, read: Callable[[Vantage], Awaitable[Counters]]) -> None:
        self._read = read
        self._seen: WeakKeyDictionary[Vantage, tuple[int, Counters]] = WeakKeyDictionary()

    async def read(self, vantage: Vantage) -> Counters:
        """The counters behind a connection.

        Raises RequestsBalanced when they fell although it is the same connection.
        """
        counters = await self._read(vantage)
        port = vantage.port
        if port is not None:
            before_port, before = self._seen.get(vantage, (None, {}))
            self._seen[vantage] = (port, counters)
            if port == before_port:
                _expect_no_fall(before, counters)
        return counters

    async def expect_one_worker(self, vantages: Sequence[Vantage]) -> None:
        """Read connections several times each; raises RequestsBalanced as `read` does."""
        await _several_times(vantages, self.read)


def _expect_no_fall(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    if fell := _fell(before, after):
        raise RequestsBalanced(f"{fell} on one connection")


def _fell(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """What never falls on a worker that lives, and fell; in words, empty where nothing did."""
    for name in NEVER_FALL:
        if name in before and name in after and after[name] < before[name]:
            return f"{name} fell from {before[name]} to {after[name]}"
    return ""
