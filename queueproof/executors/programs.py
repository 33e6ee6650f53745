"""Programs of this machine or another as an executor: ended by their owner's commands (ssh,
systemctl, whatever there is), else by signals to the processes that he has declared.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import ClassVar, TypeVar

from queueproof.config.model import ExecutorConfig, ReplicaConfig
from queueproof.errors import HarnessError, Inconclusive
from queueproof.executors.commands import run_command
from queueproof.executors.declared_keeper import DeclaredKeeper
from queueproof.executors.executor import Ability, Instance, LimitedExecutor, not_able

T = TypeVar("T")


class ProgramsExecutor(LimitedExecutor):
    """A row of a table for each program; what every row is able to do is claimed."""

    noun = "program"
    advice: ClassVar[Mapping[Ability, str]] = {
        Ability.KILL: "give kill and start, or process_root",
        Ability.STOP: "give stop and start, or process_root",
        Ability.START: "give start",
        Ability.FREEZE: "give freeze and thaw",
        Ability.SCALE: "give scale",
        Ability.ROLL: "give roll, or start",
        Ability.LOGS: "give logs",
    }

    def __init__(self, config: ExecutorConfig) -> None:
        self._config = config
        self._rows = {row.name or row.url: row for row in config.workers}
        self._keepers = {name: DeclaredKeeper(row) for name, row in self._rows.items()}
        self.abilities = frozenset(
            ability
            for ability in Ability
            if all(self._able(row, ability) for row in config.workers)
        )

    async def instances(self) -> tuple[Instance, ...]:
        """The rows; whether one runs is seen by what it serves alone."""
        return tuple(
            Instance(name=name, places=frozenset({row.url}) - {""}, names=frozenset({name}))
            for name, row in sorted(self._rows.items())
        )

    async def kill(self, name: str) -> None:
        """The owner's command, or SIGKILL to the family of the process."""
        self._require(name, Ability.KILL)
        await _owners(self._keepers[name].kill())

    async def stop(self, name: str) -> None:
        """The owner's command, or SIGTERM to the process."""
        self._require(name, Ability.STOP)
        await _owners(self._keepers[name].stop())

    async def start(self, name: str) -> None:
        """The owner's command."""
        self._require(name, Ability.START)
        await _owners(self._keepers[name].start())

    async def freeze(self, name: str) -> None:
        """The owner's command."""
        self._require(name, Ability.FREEZE)
        await _owners(run_command(self._rows[name].freeze))

    async def thaw(self, name: str) -> None:
        """The owner's command."""
        self._require(name, Ability.FREEZE)
        await _owners(run_command(self._rows[name].thaw))

    async def scale(self, number: int) -> None:
        """The owner's command for all."""
        if not self._config.scale:
            raise self.unable(Ability.SCALE, f"to {number}")
        words = [word.replace("{number}", str(number)) for word in self._config.scale]
        await _owners(run_command(words))

    async def roll(self) -> None:
        """The owner's command for all, else one after another."""
        if self._config.roll:
            await _owners(run_command(self._config.roll))
            return
        for name in sorted(self._rows):
            await self.restart(name)

    async def logs(self, name: str) -> str:
        """What the owner's command prints."""
        self._require(name, Ability.LOGS)
        return await _owners(run_command(self._rows[name].logs))

    def _require(self, name: str, ability: Ability) -> None:
        row = self._rows.get(name)
        if row is None:
            raise Inconclusive(f"there is no program {name} among those of [executor]")
        if not self._able(row, ability):
            raise not_able(self.noun, ability, name=name, advice=self.advice.get(ability, ""))

    def _able(self, row: ReplicaConfig, ability: Ability) -> bool:
        process = bool(row.process_root or row.pid_command)
        return {
            # Without a way back nothing is ended.
            Ability.KILL: bool(row.start and (row.kill or process)),
            Ability.STOP: bool(row.start and (row.stop or process)),
            Ability.START: bool(row.start),
            Ability.RESTART: bool(row.start and (row.stop or process)),
            Ability.FREEZE: bool(row.freeze and row.thaw),
            Ability.LOGS: bool(row.logs),
            Ability.SCALE: bool(self._config.scale),
            Ability.ROLL: bool(self._config.roll or (row.start and (row.stop or process))),
            Ability.REPLACE: False,
        }[ability]


async def _owners(doing: Awaitable[T]) -> T:
    """A command of the owner's that fails is not our error: nothing was seen."""
    try:
        return await doing
    except HarnessError as error:
        raise Inconclusive(str(error)) from None
