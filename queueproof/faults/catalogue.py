"""Every fault there is, from its declared data: `make_fault({"fault": "stall"}, stack)`.

Ours are the modules of this room; an installed plugin's are in the module that it names, and are
called `prefix.something` (docs/extending.md).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from queueproof import faults
from queueproof.faults import registry
from queueproof.faults.base import Fault
from queueproof.plugins import NAME, Source, plugins
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.needs import StackNeeds

for _module in pkgutil.iter_modules(faults.__path__):
    if _module.name != "catalogue":
        importlib.import_module(f"{faults.__name__}.{_module.name}")

for _plugin in plugins("faults"):
    _before = set(registry.names())
    _plugin.load()
    _source = Source(Path(), f"plugin {_plugin.name} ({_plugin.origin})", _plugin.name.upper())
    _source.claim(sorted(set(registry.names()) - _before), NAME)

FAULT_NAMES = registry.names()


def make_fault(spec: Mapping[str, Any], stack: ChaosStack) -> Fault:
    """The fault that `spec` describes, on `stack`.

    Raises UsageError for a mistake in the spec, NotAssessed when the stack lacks what it needs.
    """
    return registry.make(spec, stack)


def needs_of(specs: Iterable[Mapping[str, Any]]) -> StackNeeds:
    """What a stack must have in place for the faults of a scenario."""
    return registry.needs_of(specs)


def check_spec(spec: Mapping[str, Any]) -> None:
    """Raise UsageError for a mistake in the spec."""
    registry.check(spec)


def describe(spec: Mapping[str, Any]) -> str:
    """A spec as people read it: the fault, its parameters where given, and where it strikes."""
    given = registry.check(spec)
    where = given.pop("replicas", None)
    words = [f"{key.replace('_', ' ')} {value}" for key, value in given.items()]
    place = [] if where is None else [f"replicas {', '.join(map(str, where))}"]
    return " · ".join([registry.name_of(spec).replace("_", " "), *words, *place])
