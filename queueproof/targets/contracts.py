"""Every contract: one row each, in the package of its name beside this module, or of a plugin."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from queueproof import targets
from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.plugins import plugins
from queueproof.targets.contract import Contract

__all__ = ["Contract", "contract_named", "contract_names", "embedded_target", "workers_stand_apart"]


def contract_names() -> tuple[str, ...]:
    """The contracts that there are, in alphabetical order."""
    return tuple(_contracts())


def contract_named(name: str) -> Contract:
    """The row of a contract; raises UsageError for one that has no adapter."""
    rows = _contracts()
    if name not in rows:
        raise UsageError(f"contract {name!r} is not known; known: {', '.join(rows)}")
    return rows[name]


def embedded_target(name: str, *, workers: int | None = None) -> TargetConfig:
    """The target that embodies a contract, to be started for a run: short timings, short waits.

    Raises UsageError for a contract that nothing embodies.
    """
    make = contract_named(name).reference
    if make is None:
        raise UsageError(
            f"the contract {name} has no reference: describe your own API in a target file "
            f"(--config): see docs/{name}.md"
        )
    return make(workers)


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


@cache
def _contracts() -> dict[str, Contract]:
    found = {
        package.name: _row(importlib.import_module(f"{targets.__name__}.{package.name}"))
        for package in pkgutil.iter_modules(targets.__path__)
        if package.ispkg
    }
    for plugin in plugins("contracts"):
        if plugin.name in found:
            raise UsageError(
                f"plugin {plugin.name} ({plugin.origin}): there is a contract {plugin.name} already"
            )
        found[plugin.name] = _row(plugin.load(), f"plugin {plugin.name} ({plugin.origin})")
    return dict(sorted(found.items()))


def _row(package: ModuleType, origin: str = "") -> Contract:
    row = getattr(package, "CONTRACT", None)
    if not isinstance(row, Contract):
        raise UsageError(f"{origin or package.__name__}: a contract's package has a CONTRACT")
    return row
