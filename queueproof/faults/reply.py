"""Reply: an injection at a chosen Redis command, the Nth `XADD`, `SET`, `EVALSHA` …, or its reply.

What counts is what the workers themselves send; commands inside a script are not seen. By
default the reply is struck: the command was executed, and the worker does not learn of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.errors import NotAssessed, UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.needs import StackNeeds
from queueproof.stack.redis_proxy.proxy import Action, Injection, Moment, RedisCommand, RedisProxies


@fault("reply", needs=StackNeeds(redis_proxies=True))
def reply(
    stack: ChaosStack,
    *,
    do: str = "drop",
    command: str = "EVALSHA",
    nth: int = 1,
    times: int = 1,
    moment: str = "after",
    mentions: str = "",
    replicas: Sequence[int] | None = None,
) -> Fault:
    """Cut, drop, hold or duplicate a command (`before`) or its reply (`after`); A|B is either."""
    if not stack.redis_proxies.active:
        raise NotAssessed("no Redis proxy is in place: name this fault when the stack is opened")
    indexes = {replica.index for replica in stack.chosen(replicas)}
    commands = set(command.upper().split("|"))

    def matches(seen: RedisCommand) -> bool:
        here = seen.replica in indexes and seen.name in commands
        return here and (not mentions or seen.mentions(mentions))

    try:
        chosen = Injection(matches, nth, Moment(moment), Action(do), times)
    except ValueError as error:
        raise UsageError(f"fault reply: {error}") from None
    return CommandFault(
        stack.redis_proxies, chosen, f"{do} {moment} {command.upper()} number {nth}"
    )


class CommandFault:
    """An injection that waits for its command."""

    def __init__(self, redis_proxies: RedisProxies, injection: Injection, name: str) -> None:
        self.name = name
        self._redis_proxies = redis_proxies
        self._injection = injection

    async def apply(self) -> None:
        """Set the trap."""
        self._redis_proxies.place(self._injection)

    async def confirm(self) -> str:
        """It has struck."""
        struck = self._injection.commands
        if not struck:
            raise Unconfirmed(f"{self.name}: no such command was sent")
        return f"{len(struck)} struck, the first on connection {struck[0].connection}"

    async def heal(self) -> None:
        """Let go of what is held, and inject no more."""
        await self._redis_proxies.forget(self._injection)
