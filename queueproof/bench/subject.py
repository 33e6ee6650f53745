"""What is measured: the reference with so many workers, or a deployment at a URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from queueproof.config.load import load_target
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.lab import booting, running
from queueproof.lab.recipe import choose, load_recipes
from queueproof.load.profile import Errand
from queueproof.load.target_under_load import TargetUnderLoad, open_target_under_load
from queueproof.targets.contracts import contract_named, embedded_target


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One system; `name` as tables show it.

    launched   started for each measurement, with a Redis of its own; else it is reached
    real       a system that the reference is compared with
    """

    name: str
    target: TargetConfig
    launched: bool
    real: bool = False

    @asynccontextmanager
    async def ready(self, errands: Iterable[Errand]) -> AsyncIterator[TargetUnderLoad]:
        """The system, prepared for these errands."""
        settings = {} if self.real else dict(contract_named(self.target.contract).documented)
        run = RunConfig(target=self.target, embedded=self.launched, settings=settings)
        async with open_target_under_load(run, errands) as under_load:
            yield under_load


def reference(contract: str, *, workers: int) -> Subject:
    """The reference, launched for the measurement."""
    return Subject(
        name=f"reference ({contract}), {workers} worker{'s' if workers > 1 else ''}",
        target=embedded_target(contract, workers=workers),
        launched=True,
    )


def deployment(contract: str, url: str, config: Path | None = None) -> Subject:
    """A real system at a URL; credentials come from the environment."""
    target = replace(load_target(config), urls=(url,), contract=contract)
    return Subject(name=f"{contract} at {url}", target=target, launched=False, real=True)


def of_the_lab(written: str, console: Console) -> Subject:
    """A real system that the lab has or installs, such as `langflow==1.13.0`.

    Raises UsageError for one that the lab does not know, HarnessError when it cannot be had.
    """
    choice = choose(written, load_recipes())
    workers = choice.recipe.workers
    running.make_ready(running.Visit(choice=choice, workers=workers), console)
    target = booting.target_of(choice, workers=workers)
    return Subject(
        name=f"{choice.recipe.system.capitalize()} {choice.version}, {workers} workers",
        target=target,
        launched=True,
        real=True,
    )
