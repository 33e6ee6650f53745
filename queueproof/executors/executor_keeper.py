"""A replica of a deployment that an executor ends and brings up: a container, a pod, a program."""

from __future__ import annotations

from pathlib import Path

from queueproof.config.model import ReplicaConfig
from queueproof.executors.executor import Ability, Instance, not_able, the_one
from queueproof.executors.workforce import Workforce
from queueproof.processes.signalling import Victim


class ExecutorKeeper:
    """Keeps the instance that a row names, or that serves at its URL.

    It is looked up before every act: a pod's successor may have another name.
    """

    def __init__(self, workforce: Workforce, config: ReplicaConfig) -> None:
        self.workforce = workforce
        self.clock_file = Path(config.clock_file) if config.clock_file else None
        self.told = ""
        self._config = config
        self._struck: Instance | None = None

    @property
    def current_pid(self) -> int | None:
        """None: an executor has names, not numbers."""
        return None

    @property
    def last_words(self) -> str:
        """None: what it prints is its owner's."""
        return ""

    @property
    def log(self) -> Path | None:
        """None, for the same reason."""
        return None

    @property
    def knows_process(self) -> bool:
        """It does not."""
        return False

    @property
    def freezes_by_command(self) -> bool:
        """Whether the executor can freeze."""
        return Ability.FREEZE in self.workforce.executor.abilities

    @property
    def replaces(self) -> bool:
        """Whether the executor brings up a successor without being told."""
        return Ability.REPLACE in self.workforce.executor.abilities

    async def master_pid(self) -> int | None:
        """None: an executor has names, not numbers."""
        return None

    async def victim(self) -> Victim | None:
        """None: an executor has names, not numbers."""
        return None

    async def find(self) -> Instance:
        """The instance now; raises NotAssessed where it is not certain which one it is."""
        found = await self._look()
        self.told = f"{self.workforce.noun} {found.name}"
        return found

    async def runs(self) -> bool:
        """Whether the executor lists it as ready."""
        return (await self.find()).ready

    async def gone(self) -> bool:
        """Whether what was struck last has ended, or stands still."""
        return self._struck is not None and await self.workforce.ended(self._struck)

    def ends_by_command(self, *, graceful: bool) -> bool:
        """Whether the executor claims it."""
        ability = Ability.STOP if graceful else Ability.KILL
        return ability in self.workforce.executor.abilities

    def must_be_startable(self) -> None:
        """Raise NotAssessed where the executor starts nothing."""
        if Ability.START not in self.workforce.executor.abilities:
            advice = self.workforce.executor.advice.get(Ability.START, "")
            raise not_able(self.workforce.noun, Ability.START, advice=advice)

    async def start(self) -> None:
        """Bring it up, unless its successor comes by itself."""
        if self._struck is not None and not self.replaces:
            await self.workforce.executor.start(self._struck.name)

    async def stop(self) -> None:
        """End it gracefully; returns when it has ended."""
        self._struck = await self.find()
        await self.workforce.executor.stop(self._struck.name)

    async def kill(self) -> None:
        """End it at once."""
        self._struck = await self.find()
        await self.workforce.executor.kill(self._struck.name)

    async def freeze(self) -> None:
        """Have it stand still."""
        self._struck = await self.find()
        await self.workforce.executor.freeze(self._struck.name)

    async def thaw(self) -> None:
        """Have it go on."""
        if self._struck is not None:
            await self.workforce.executor.thaw(self._struck.name)

    async def _look(self) -> Instance:
        name = self._config.instance
        if not name:
            return await self.workforce.at(self._config.url)
        instances = await self.workforce.executor.instances()
        for one in instances:
            if one.name == name:
                return one
        # The pods of a Deployment bear its name and two words of the cluster's.
        return the_one(instances, lambda one: one.name.startswith(f"{name}-"), f"instance {name}")
