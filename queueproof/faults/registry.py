"""Faults by name: what a scenario's data says is looked up, checked and made here.

A fault's file registers one function under the fault's name. Its keyword arguments are the
fault's parameters; their defaults, the fault's. What must be in place before the workload begins is
declared there too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from queueproof.config.kinds import with_new_names
from queueproof.errors import UsageError
from queueproof.faults.base import Fault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.needs import StackNeeds

Maker = Callable[..., Fault]
#: What a stack must have for a fault, or that by the parameters that a scenario gives.
Needs = StackNeeds | Callable[[Mapping[str, Any]], StackNeeds]

#: Parameters that are called otherwise now.
_RENAMED = {"victim": "process"}
#: Faults that are called otherwise now.
_RENAMED_FAULTS = {"deaf_dispatchers": "pubsub_blocked"}
_MAKERS: dict[str, Maker] = {}
_NEEDS: dict[str, Needs] = {}


def fault(name: str, *, needs: Needs | None = None) -> Callable[[Maker], Maker]:
    """Register a function `(stack, *, parameters) -> Fault` under `name`.

    `needs` says what the stack must have beforehand, if anything. Raises UsageError for a name that
    is taken.
    """

    def register(maker: Maker) -> Maker:
        if name in _MAKERS:
            raise UsageError(f"two faults are called {name}")
        _MAKERS[name] = maker
        _NEEDS[name] = needs or StackNeeds()
        return maker

    return register


def names() -> tuple[str, ...]:
    """Every registered fault."""
    return tuple(sorted(_MAKERS))


def name_of(spec: Mapping[str, Any]) -> str:
    """The name of the fault that a spec means, which may give an older one."""
    given = str(spec.get("fault", ""))
    return _RENAMED_FAULTS.get(given, given)


def parameters_of(name: str) -> dict[str, Any]:
    """A fault's parameters with their defaults; raises UsageError for an unknown fault."""
    if name not in _MAKERS:
        raise UsageError(f"no fault {name!r}{_hint(name, names())}")
    rows = list(inspect.signature(_MAKERS[name]).parameters.values())[1:]
    return {row.name: row.default for row in rows}


def summary_of(name: str) -> str:
    """What the fault does, in its author's words."""
    return (inspect.getdoc(_MAKERS[name]) or "").splitlines()[0]


def check(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a spec gives; raises UsageError for a mistake in it."""
    name, called = name_of(spec), str(spec.get("fault", ""))
    with_new_names({called: name}, _RENAMED_FAULTS, where="faults")
    known = parameters_of(name)
    old = {key: new for key, new in _RENAMED.items() if new in known and key not in known}
    given = with_new_names(spec, old, where=f"fault {name}")
    given.pop("fault", None)
    for key, value in given.items():
        if key not in known:
            raise UsageError(f"fault {name}: unknown parameter {key!r}{_hint(key, known)}")
        if not _alike(value, known[key]):
            raise UsageError(f"fault {name}: {key} cannot be {value!r}")
    missing = [key for key, default in known.items() if default is inspect.Parameter.empty]
    if absent := [key for key in missing if key not in given]:
        raise UsageError(f"fault {name} needs {' and '.join(absent)}")
    return given


def make(spec: Mapping[str, Any], stack: ChaosStack) -> Fault:
    """The fault that `spec` describes, on `stack`.

    Raises UsageError for a mistake in the spec, NotAssessed when the stack lacks what it needs.
    """
    given = check(spec)
    return _MAKERS[name_of(spec)](stack, **given)


def needs_of(specs: Iterable[Mapping[str, Any]]) -> StackNeeds:
    """What a stack must have for all of these faults; for one that is not known, nothing."""
    found = StackNeeds()
    for spec in specs:
        needs = _NEEDS.get(name_of(spec), StackNeeds())
        found |= needs(spec) if callable(needs) else needs
    return found


def _alike(value: Any, default: Any) -> bool:
    """Whether a value is of its default's kind; without a telling default, anything is."""
    if default is None or default is inspect.Parameter.empty or value is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float) and (value >= 0 or default < 0)
    return isinstance(value, list | tuple if isinstance(default, list | tuple) else type(default))


def _hint(wrong: str, known: Any) -> str:
    close = get_close_matches(wrong, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(known)}"
