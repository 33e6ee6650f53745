"""What all toxics share: put on the ways of chosen replicas, felt on lines of our own, removed.

A line through each proxy is opened and tried before the fault. During the fault it is tried
again, and a fresh one beside it: they meet what the replica's connections meet. That somebody is
connected there at all is counted too, where this machine can see it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from queueproof.errors import HarnessError, UsageError
from queueproof.faults.base import Unconfirmed
from queueproof.stack.proxies import Answer, Line, Proxy, Reply, ping_anew
from queueproof.stack.toxiproxy_api import Toxic

LOOK_S = 0.5
_BEFORE_S = 3.0
_LOOKS_BEFORE = 3
_STREAMS = {
    "writes": ("upstream",),
    "reads": ("downstream",),
    "both": ("upstream", "downstream"),
}
_WAYS = {"writes": "on writes", "reads": "on reads", "both": "both ways"}


@dataclass(frozen=True)
class Seen:
    """A PING before the fault, one during it on the same line, and one on a fresh line."""

    before: Reply
    old: Reply
    new: Reply


Proof = Callable[[Seen], str]


def toxics(kind: str, direction: str, **attributes: int) -> tuple[Toxic, ...]:
    """The toxic for each way that `direction` (writes, reads, both) means."""
    if direction not in _STREAMS:
        raise UsageError(f"direction must be one of {', '.join(_STREAMS)}, not {direction!r}")
    return tuple(Toxic(kind, stream, attributes) for stream in _STREAMS[direction])


def named(what: str, direction: str, proxies: Sequence[Proxy]) -> str:
    """A fault's name in reports."""
    return f"{what} {_WAYS.get(direction, direction)}, {', '.join(p.name for p in proxies)}"


class ToxicFault:
    """Toxics on proxies; `proof` says what shows that they bite, or nothing when it does not.

    `look_s` is how long a PING is waited for, `size` how many bytes it carries each way.
    """

    def __init__(
        self,
        name: str,
        proxies: Sequence[Proxy],
        toxics: Sequence[Toxic],
        proof: Proof,
        *,
        look_s: float = LOOK_S,
        size: int = 0,
    ) -> None:
        self.name = name
        self._proxies = tuple(proxies)
        self._toxics = tuple(toxics)
        self._proof = proof
        self._look_s = look_s
        self._size = size
        self._lines: dict[str, Line] = {}
        self._before: dict[str, Reply] = {}
        self._held: dict[str, int | None] = {}

    async def apply(self) -> None:
        """Try each way first, for what does not work before a fault proves nothing in it."""
        for proxy in self._proxies:
            line = self._lines[proxy.name] = Line(proxy.listen)
            before = self._before[proxy.name] = await self._undisturbed(line)
            if before.answer is not Answer.PONG:
                raise Unconfirmed(
                    f"{self.name}: PING through {proxy.name} is {before.answer.value} already"
                )
            self._held[proxy.name] = proxy.connections()
        for proxy in self._proxies:
            await self.begin_on(proxy)

    async def confirm(self) -> str:
        """What our lines meet, and how many connections of the target share it."""
        return "; ".join(await asyncio.gather(*map(self._look, self._proxies)))

    async def heal(self) -> None:
        """Remove the toxics, and know that they are gone; one that stays spares no other."""
        for line in self._lines.values():
            await line.close()
        self._lines.clear()
        troubles = []
        for proxy in self._proxies:
            try:
                await self.end_on(proxy)
            except HarnessError as trouble:
                troubles.append(trouble)
        if troubles:
            raise troubles[0]

    async def begin_on(self, proxy: Proxy) -> None:
        """Begin on one proxy."""
        for toxic in self._toxics:
            await proxy.add_toxic(toxic)

    async def end_on(self, proxy: Proxy) -> None:
        """End on one proxy."""
        for toxic in self._toxics:
            await proxy.remove_toxic(toxic)

    async def _undisturbed(self, line: Line) -> Reply:
        """The quickest of a few answers, or the first that is none.

        A machine that stumbled over a single one would make the fault look like nothing.
        """
        replies = []
        for _ in range(_LOOKS_BEFORE):
            replies.append(await line.ping(within_s=_BEFORE_S, size=self._size))
            if replies[-1].answer is not Answer.PONG:
                return replies[-1]
        return min(replies, key=lambda reply: reply.took_s)

    async def _look(self, proxy: Proxy) -> str:
        old, new = await asyncio.gather(
            self._lines[proxy.name].ping(within_s=self._look_s, size=self._size),
            ping_anew(proxy.listen, within_s=self._look_s, size=self._size),
        )
        proof = self._proof(Seen(self._before[proxy.name], old, new))
        if not proof:
            raise Unconfirmed(
                f"{self.name}: PING through {proxy.name} is {old.answer.value} after "
                f"{old.took_s:.2f} s, on a fresh line {new.answer.value} after {new.took_s:.2f} s, "
                f"before the fault after {self._before[proxy.name].took_s:.2f} s"
            )
        held = self._held[proxy.name]
        if held == 0:
            raise Unconfirmed(f"{self.name}: nobody of the target is connected by {proxy.name}")
        whose = "" if held is None else f", with {held} connections of the target"
        return f"{proxy.name}: {proof}{whose}"
