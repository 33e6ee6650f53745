"""Whether a connection keeps to one worker: seen by asking it several times.

A front that balances requests hands each of them to another worker, whatever connection it came
on. Then no connection is a view of one worker, and what one seems to show of worker a is told by
b. Two things prove it: answers of one connection that name different workers, and counters that
never fall, on a worker that lives, but fell from one answer to the next.

Connections are asked one after another, each several times in a row: asked together, as many as
there are workers, each could meet the same worker in every round of a front's turns.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

from queueproof.errors import Inconclusive
from queueproof.targets.vantage import Vantage

Counters = dict[str, int]

NEVER_FALL = ("published", "dispatched_owned", "dispatched_foreign")
ADVICE = (
    "let it balance connections (TCP) instead of requests, turn on session affinity by cookie, "
    "or give one URL a worker (of a headless service, for example)"
)
_TIMES = 6
_CONNECTIONS = 3


class RequestsBalanced(Inconclusive):
    """One connection leads to several workers, request by request."""

    def __init__(self, seen: str) -> None:
        super().__init__(f"a front balances every request: {seen}; {ADVICE}")


async def expect_one_giver(
    vantages: Sequence[Vantage], ask: Callable[[Vantage], Awaitable[object]]
) -> None:
    """Ask some connections several times each, whose answers name the worker in a header.

    Raises RequestsBalanced when answers of one connection came from different workers.
    """
    for vantage in vantages[:_CONNECTIONS]:
        givers = []
        for _ in range(_TIMES):
            await ask(vantage)
            if vantage.answered_by is not None and not vantage.reopened:
                givers.append(vantage.answered_by)
        if len(set(givers)) > 1:
            raise RequestsBalanced(
                f"{len(givers)} answers on one connection came from {len(set(givers))} workers"
            )


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

    async def expect_one_worker(self, vantages: Iterable[Vantage]) -> None:
        """Read some connections several times each; raises RequestsBalanced as `read` does."""
        for vantage in [*vantages][:_CONNECTIONS]:
            for _ in range(_TIMES):
                await self.read(vantage)


def _expect_no_fall(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    for name in NEVER_FALL:
        if name in before and name in after and after[name] < before[name]:
            raise RequestsBalanced(
                f"{name} fell from {before[name]} to {after[name]} on one connection"
            )
