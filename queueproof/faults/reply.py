"""A strike at a chosen Redis command: the Nth `XADD`, `PUBLISH`, `SET`, `EVALSHA` … or its reply.

What counts is what the workers themselves send; commands inside a script are not seen. By
default the reply is struck: the command was executed, and the worker does not learn of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.errors import NotAssessed, UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.wire import Deed, Moment, Strike, WireCommand, Wires


@fault("reply")
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
    if not stack.wires.active:
        raise NotAssessed("no wire is in place: name this fault when the stack is opened")
    indexes = {replica.index for replica in stack.chosen(replicas)}
    commands = set(command.upper().split("|"))

    def matches(seen: WireCommand) -> bool:
        here = seen.replica in indexes and seen.name in commands
        return here and (not mentions or seen.mentions(mentions))

    try:
        chosen = Strike(matches, nth, Moment(moment), Deed(do), times)
    except ValueError as error:
        raise UsageError(f"fault reply: {error}") from None
    return CommandFault(stack.wires, chosen, f"{do} {moment} {command.upper()} number {nth}")


class CommandFault:
    """A strike that waits for its command."""

    def __init__(self, wires: Wires, strike: Strike, name: str) -> None:
        self.name = name
        self._wires = wires
        self._strike = strike

    async def apply(self) -> None:
        """Set the trap."""
        self._wires.lay(self._strike)

    async def confirm(self) -> str:
        """It has struck."""
        struck = self._strike.commands
        if not struck:
            raise Unconfirmed(f"{self.name}: no such command was sent")
        return f"{len(struck)} struck, the first on connection {struck[0].connection}"

    async def heal(self) -> None:
        """Let go of what is held, and strike no more."""
        await self._wires.forget(self._strike)
