"""A JSON Schema of target files, made of the same kinds that read them: for editors.

What only a look at several keys can tell (a mapping's braces, a promise without its request) is not
in it; a run says that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from queueproof.config.chaos import CHAOS
from queueproof.config.executors import EXECUTOR
from queueproof.config.file_tables import LAUNCH, TARGET, TIMINGS
from queueproof.config.kinds import (
    Checked,
    Flag,
    Headers,
    Kind,
    ListOf,
    Number,
    Scalar,
    Table,
    TableOf,
    Text,
    Whole,
    Words,
)
from queueproof.config.mapping_tables import MAPPING
from queueproof.config.model import (
    ChaosConfig,
    ExecutorConfig,
    LaunchConfig,
    ReplicaConfig,
    TargetConfig,
    Timings,
)
from queueproof.config.promises import PROMISES, Promises
from queueproof.config.transport import Transport

#: Every table of a target file, with the classes whose docstrings say what its keys mean.
TABLES: Mapping[str, tuple[Table, tuple[type, ...]]] = {
    "target": (TARGET, (TargetConfig, Transport)),
    "timings": (TIMINGS, (Timings,)),
    "launch": (LAUNCH, (LaunchConfig,)),
    "chaos": (CHAOS, (ChaosConfig, ReplicaConfig)),
    "executor": (EXECUTOR, (ExecutorConfig, ReplicaConfig)),
    "promises": (PROMISES, (Promises,)),
    "mapping": (MAPPING, ()),
}
_SCALAR = {"type": ["string", "number", "boolean"]}


def target_schema() -> dict[str, Any]:
    """The schema of a whole file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A queueproof target file",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: schema_of(table, meanings(*classes)) for name, (table, classes) in TABLES.items()
        },
    }


def schema_of(kind: Kind, said: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a kind takes; `said` are the meanings of a table's keys."""
    if isinstance(kind, Table):
        return _table(kind, said or {})
    if isinstance(kind, Number):
        least = "exclusiveMinimum" if kind.above else "minimum"
        return {"type": "number", least: kind.least, "maximum": kind.most}
    if isinstance(kind, Whole):
        return {"type": "integer", "minimum": kind.least, "maximum": kind.most}
    if isinstance(kind, Text):
        chosen = {"enum": list(kind.choices)} if kind.choices else {}
        return {"type": "string", **({"minLength": 1} if kind.filled else {}), **chosen}
    if isinstance(kind, ListOf):
        some = {"minItems": kind.least} if kind.least else {}
        return {"type": "array", "items": schema_of(kind.kind, said), **some}
    if isinstance(kind, TableOf):
        return {"type": "object", "additionalProperties": schema_of(kind.kind)}
    simple: dict[type, dict[str, Any]] = {
        Flag: {"type": "boolean"},
        Checked: {"type": "string"},
        Scalar: _SCALAR,
        Words: {"type": "array", "items": _SCALAR},
        Headers: {"type": "object", "additionalProperties": _SCALAR},
    }
    return simple.get(type(kind), {})


def meanings(*classes: type) -> dict[str, str]:
    """What each key means, as the classes' docstrings have it: a name, blanks, the meaning.

    Of two that know a key the first one counts.
    """
    found: dict[str, str] = {}
    for one in reversed(classes):
        known = {item.name for item in fields(one)}
        names: list[str] = []
        for line in (one.__doc__ or "").splitlines():
            entry = re.match(r"^    (\w+(?:, \w+)*) +(\S.*)$", line)
            if entry and set(entry[1].split(", ")) <= known:
                names = entry[1].split(", ")
                found |= dict.fromkeys(names, entry[2])
            elif names and line.startswith("      "):
                found |= {name: f"{found[name]} {line.strip()}" for name in names}
            else:
                names = []
    return found


def _table(table: Table, said: Mapping[str, str]) -> dict[str, Any]:
    properties = {
        key: {
            **schema_of(kind, said),
            **({"description": said[key]} if key in said else {}),
        }
        for key, kind in table.keys.items()
    }
    needed = {"required": list(table.needed)} if table.needed else {}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **needed,
    }
