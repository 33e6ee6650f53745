"""Injections at chosen Redis commands: what they wait for, when they act, and what they do.

An injection acts at one of two moments: before Redis sees the command, or after it was executed
and before its answer is passed on. The second is the lost acknowledgement: it happened, and the
worker does not know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum

from queueproof.stack.redis_proxy.resp import Words


class Moment(Enum):
    """When an injection acts."""

    BEFORE = "before"
    AFTER = "after"


class Action(Enum):
    """What is done to the command (before) or to its answer (after).

    CUT         the connection is closed
    HOLD        it waits until the injection is released, and everything behind it waits too
    DROP        it never comes, nor does anything else on this connection, which stays open
    DUPLICATE   it comes twice; a command that is sent twice is answered once
    """

    CUT = "cut"
    HOLD = "hold"
    DROP = "drop"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class RedisCommand:
    """One command that passed; `at_s` is on the monotonic clock."""

    number: int
    at_s: float
    replica: int
    connection: int
    words: Words

    @property
    def name(self) -> str:
        """The command's name in capitals."""
        return self.words[0].decode("ascii", "replace").upper() if self.words else ""

    def mentions(self, text: str) -> bool:
        """Whether any of its words contains `text`."""
        return any(text.encode() in word for word in self.words)


Matches = Callable[[RedisCommand], bool]
Act = Callable[[], Awaitable[None]]


@dataclass(eq=False)
class Injection:
    """A trap for the `nth` command that matches, and the `times - 1` matching ones behind it.

    An exception of an act is kept in `error` for whoever judges.
    """

    matches: Matches
    nth: int
    moment: Moment
    action: Action | Act
    times: int = 1
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    commands: list[RedisCommand] = field(default_factory=list)
    error: Exception | None = None
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: int = 0

    @property
    def command(self) -> RedisCommand | None:
        """The first command that was struck."""
        return self.commands[0] if self.commands else None

    def takes(self, command: RedisCommand) -> bool:
        """Count a command; whether it is to be struck."""
        if self._released.is_set() or not self.matches(command):
            return False
        self._seen += 1
        return self.nth <= self._seen < self.nth + self.times

    async def act(self, command: RedisCommand) -> Action | None:
        """Act; what the proxy has to do itself, or None when it may simply go on."""
        self.commands.append(command)
        self.struck.set()
        if self.action is Action.HOLD:
            await self._released.wait()
            return None
        if isinstance(self.action, Action):
            return self.action
        try:
            await self.action()
        except Exception as error:  # noqa: BLE001  (told to whoever judges, not to the target)
            self.error = error
        return None

    async def release(self) -> None:
        """Let go of what is held; act no more."""
        self._released.set()
