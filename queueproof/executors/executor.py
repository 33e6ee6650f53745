"""The protocol of an executor: what starts and ends the programs that do a deployment's work.

There is one for processes and commands of the owner's, one for a container engine, one for
Kubernetes. Each says what it is able to do; the rest it does not claim, and whoever wants it is
told so. An instance is one program, or one container or pod with all that runs in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Protocol

from queueproof.errors import NotAssessed


class Ability(Enum):
    """What an executor may be able to do to an instance, or to all; the value is for sentences."""

    KILL = "kill"
    STOP = "gracefully stop"
    FREEZE = "freeze"
    START = "start"
    RESTART = "restart"
    LOGS = "show the log of"
    SCALE = "change the number of"
    ROLL = "restart one by one"
    #: What it has killed is replaced without being started.
    REPLACE = "replace by itself"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One program, container or pod as its executor lists it.

    life    what changes whenever it is started anew; empty where that cannot be seen
    ready   whether it runs and, where that is known, is ready
    leaving whether it was told to end and may still be at it: then it is not ready
    places  where it serves, as `host:port`, or `host` at whatever port; in lower case
    names   other words by which a header may name it, such as a short container id
    """

    name: str
    life: str = ""
    ready: bool = True
    leaving: bool = False
    places: frozenset[str] = frozenset()
    names: frozenset[str] = field(default_factory=frozenset)


class Executor(Protocol):
    """Lists instances, and does to them what is among its `abilities`.

    `noun` is what reports call one of its instances, `advice` says what would give an ability.
    Methods beyond the abilities raise NotAssessed in words that say what is lacking; where
    something goes wrong, they raise Inconclusive.
    """

    noun: str
    abilities: frozenset[Ability]
    advice: ClassVar[Mapping[Ability, str]]

    async def instances(self) -> tuple[Instance, ...]:
        """What there is now, ordered by name, including what is not ready."""

    async def kill(self, name: str) -> None:
        """End it at once."""

    async def stop(self, name: str) -> None:
        """End it gracefully; returns when it has ended."""

    async def freeze(self, name: str) -> None:
        """Have it stand still."""

    async def thaw(self, name: str) -> None:
        """Have it go on."""

    async def start(self, name: str) -> None:
        """Bring it, or its successor, up again; returns when that was begun."""

    async def restart(self, name: str) -> None:
        """Stop it gracefully and start it again."""

    async def scale(self, number: int) -> None:
        """From now on there shall be so many."""

    async def roll(self) -> None:
        """Restart all, one by one; returns when that is over."""

    async def logs(self, name: str) -> str:
        """The end of its log."""

    async def close(self) -> None:
        """Let go of the engine."""


class LimitedExecutor:
    """The answers of an executor that is able to do nothing: a base for those that do some."""

    noun = "program"
    abilities: frozenset[Ability] = frozenset()
    #: What would make it able, where the owner can do something about it.
    advice: ClassVar[Mapping[Ability, str]] = {}

    async def kill(self, name: str) -> None:
        """See Executor."""
        raise self.unable(Ability.KILL, name)

    async def stop(self, name: str) -> None:
        """See Executor."""
        raise self.unable(Ability.STOP, name)

    async def freeze(self, name: str) -> None:
        """See Executor."""
        raise self.unable(Ability.FREEZE, name)

    async def thaw(self, name: str) -> None:
        """See Executor."""
        raise self.unable(Ability.FREEZE, name)

    async def start(self, name: str) -> None:
        """See Executor."""
        raise self.unable(Ability.START, name)

    async def restart(self, name: str) -> None:
        """Stop, then start."""
        await self.stop(name)
        await self.start(name)

    async def scale(self, number: int) -> None:
        """See Executor."""
        raise self.unable(Ability.SCALE, f"to {number}")

    async def roll(self) -> None:
        """See Executor."""
        raise self.unable(Ability.ROLL, "all")

    async def logs(self, name: str) -> str:
        """See Executor."""
        raise self.unable(Ability.LOGS, name)

    async def close(self) -> None:
        """Nothing is held."""

    def unable(self, ability: Ability, name: str = "") -> NotAssessed:
        """The outcome for whoever wants what this executor does not claim."""
        return not_able(self.noun, ability, name=name, advice=self.advice.get(ability, ""))


def not_able(noun: str, ability: Ability, *, name: str = "", advice: str = "") -> NotAssessed:
    """In words: `the executor cannot freeze pod queue-0: give freeze and thaw`."""
    which = f"{noun} {name}" if name else f"a {noun}"
    return NotAssessed(f"the executor cannot {ability.value} {which}{advice and ': ' + advice}")


def the_one(
    instances: tuple[Instance, ...], fits: Callable[[Instance], bool], what: str
) -> Instance:
    """The only instance that fits; raises NotAssessed where none or several do."""
    found = [one for one in instances if fits(one) and not one.leaving]
    if len(found) == 1:
        return found[0]
    have = ", ".join(one.name for one in found or instances) or "nothing"
    number = "more than one" if found else "none"
    raise NotAssessed(f"{what}: {number} of what the executor lists ({have})")
