"""What the engine must know of a contract besides its requirements: one row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from queueproof.config.model import Credentials, TargetConfig, Timings
from queueproof.errors import UsageError
from queueproof.targets.flowise import FlowiseAdapter
from queueproof.targets.generic import GenericAdapter
from queueproof.targets.langflow import LangflowAdapter
from queueproof.targets.langflow.settings import timings_under
from queueproof.targets.protocol import Adapter

Settings = Mapping[str, str | None]


class AdapterMaker(Protocol):
    """Makes the adapter for one run."""

    def __call__(
        self,
        config: TargetConfig,
        *,
        witness: tuple[str, int] | None,
        now_s: Callable[[], float],
    ) -> Adapter:
        """The adapter; `witness` is where probes report to, `now_s` the history's clock."""


class CredentialsAdapterMaker(Protocol):
    """Makes an adapter that needs no more of the configuration than the credentials."""

    def __call__(
        self,
        credentials: Credentials,
        *,
        witness: tuple[str, int] | None,
        now_s: Callable[[], float],
    ) -> Adapter:
        """The adapter (see AdapterMaker)."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """How systems of one contract are started and spoken to.

    ready_path       what a started server answers with 200 once it serves
    workers_setting  the setting that says how many workers to run, if there is one
    workers_apart    whether workers are programs beside the server, not behind its address
    redis_index      the database index that queues use in launched targets
    timings_under    the timings that a launch's settings declare
    """

    adapter: AdapterMaker
    ready_path: str
    workers_setting: str
    redis_index: int
    timings_under: Callable[[Settings, Timings], Timings]
    workers_apart: bool = False

    def programs(self, replicas: int) -> int:
        """How many programs a stack of so many replicas has; replica 0 is then the server."""
        return replicas + self.workers_apart


def _by_credentials(make: CredentialsAdapterMaker) -> AdapterMaker:
    def made(
        config: TargetConfig, *, witness: tuple[str, int] | None, now_s: Callable[[], float]
    ) -> Adapter:
        return make(config.credentials, witness=witness, now_s=now_s)

    return made


def _by_mapping(
    config: TargetConfig, *, witness: tuple[str, int] | None, now_s: Callable[[], float]
) -> Adapter:
    if config.mapping is None:
        raise UsageError(
            "the contract generic needs a target file with a [mapping] (--config): see "
            "docs/generic.md"
        )
    return GenericAdapter(config.mapping, config.credentials, witness=witness, now_s=now_s)


_CONTRACTS = {
    "langflow": Contract(
        adapter=_by_credentials(LangflowAdapter),
        ready_path="/health",
        workers_setting="LANGFLOW_WORKERS",
        redis_index=1,
        timings_under=timings_under,
    ),
    "flowise": Contract(
        adapter=_by_credentials(FlowiseAdapter),
        ready_path="/api/v1/ping",
        workers_setting="",
        redis_index=0,
        timings_under=lambda _, base: base,
        workers_apart=True,
    ),
    "generic": Contract(
        adapter=_by_mapping,
        ready_path="/",
        workers_setting="",
        redis_index=0,
        timings_under=lambda _, base: base,
    ),
}


def ready_of(config: TargetConfig) -> str:
    """When a target that was started is ready: a path, a text that it prints, or `port`."""
    said = config.launch.ready if config.launch else ""
    mapped = config.mapping.ready if config.mapping else ""
    return said or mapped or contract_named(config.contract).ready_path


def ready_path_of(config: TargetConfig) -> str:
    """A path that a target answers with 200 as long as it serves."""
    ready = ready_of(config)
    mapped = config.mapping.ready if config.mapping else ""
    return ready if ready.startswith("/") else mapped or contract_named(config.contract).ready_path


def programs_of(config: TargetConfig, replicas: int) -> int:
    """How many programs a stack of so many replicas has; with workers apart, 0 is the server."""
    return replicas + workers_stand_apart(config)


def workers_stand_apart(config: TargetConfig) -> bool:
    """Whether a target's workers are programs of their own, by its contract or by what is said of
    it: a command that starts them, their processes, or their rows among what chaos takes hold of.
    """
    launched = config.launch is not None and bool(config.launch.worker_command)
    declared = bool(config.worker_processes) or bool(config.chaos and config.chaos.workers)
    return launched or declared or contract_named(config.contract).workers_apart


def contract_named(name: str) -> Contract:
    """The row of a contract; raises UsageError for one that has no adapter."""
    if name not in _CONTRACTS:
        known = ", ".join(sorted(_CONTRACTS))
        raise UsageError(f"contract {name!r} is not known; known: {known}")
    return _CONTRACTS[name]
