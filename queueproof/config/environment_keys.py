"""Keys of a target file that come from the environment, for runs that are described there: in CI.

A key of [target] or [timings] is a variable: `QUEUEPROOF_` and its name in capitals. Where a
command has an option of that name, the option reads it; headers and the Redis
URL have forms of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queueproof.config.file_tables import TARGET, TIMINGS
from queueproof.config.kinds import Flag, Kind, ListOf, Number, Whole

PREFIX = "QUEUEPROOF_"
#: Read by the options of the same name.
BY_OPTION = ("contract", "workers", "disposable")
#: Read where they are understood: they hold secrets.
_OTHERWISE = ("redis_url", "headers")
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


def variable_of(name: str) -> str:
    """The variable of a key or of an option such as `wait-ready`."""
    return PREFIX + name.upper().replace("-", "_")


def keys_of_environment(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The keys that are set there, by table; an empty variable is none.

    Raises UsageError for a value that is not of the key's kind.
    """
    return {
        name: {
            key: kind.read(_value(kind, environment[variable_of(key)]), variable_of(key))
            for key, kind in keys.items()
            if environment.get(variable_of(key), "").strip()
        }
        for name, keys in settable().items()
    }


def settable() -> dict[str, dict[str, Kind]]:
    """The keys that can be set there, by table."""
    besides = (*BY_OPTION, *_OTHERWISE)
    target = {key: kind for key, kind in TARGET.keys.items() if key not in besides}
    return {"target": target, "timings": dict(TIMINGS.keys)}


def _value(kind: Kind, text: str) -> Any:
    """A text as the kind has it in a file; as it is where it cannot be that."""
    text = text.strip()
    if isinstance(kind, ListOf):
        return [_value(kind.kind, part) for part in text.replace(",", " ").split()]
    if isinstance(kind, Flag):
        return True if text.lower() in _TRUE else False if text.lower() in _FALSE else text
    if isinstance(kind, (Number, Whole)):
        try:
            return int(text) if isinstance(kind, Whole) else float(text)
        except ValueError:
            return text
    return text
