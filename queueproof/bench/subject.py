"""What is measured: the reference with so many workers, or a deployment at a URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from queueproof.config.load import load_target
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.load.ground import Ground, open_ground
from queueproof.load.profile import Errand
from queueproof.stack.embedded import embedded_target

_SETTINGS = {
    "langflow": {
        "LANGFLOW_REDIS_QUEUE_TTL": "900",
        "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S": "90",
    },
    "flowise": {},
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One system; `name` as tables show it."""

    name: str
    target: TargetConfig
    embedded: bool

    @asynccontextmanager
    async def ready(self, errands: Iterable[Errand]) -> AsyncIterator[Ground]:
        """The system, prepared for these errands."""
        settings = _SETTINGS[self.target.contract] if self.embedded else {}
        run = RunConfig(target=self.target, embedded=self.embedded, settings=settings)
        async with open_ground(run, errands) as ground:
            yield ground


def reference(contract: str, *, workers: int) -> Subject:
    """The reference, launched for the measurement."""
    return Subject(
        name=f"reference ({contract}), {workers} worker{'s' if workers > 1 else ''}",
        target=embedded_target(contract, workers=workers),
        embedded=True,
    )


def deployment(contract: str, url: str, config: Path | None = None) -> Subject:
    """A real system at a URL; credentials come from the environment."""
    target = replace(load_target(config), urls=(url,), contract=contract)
    return Subject(name=f"{contract} at {url}", target=target, embedded=False)
