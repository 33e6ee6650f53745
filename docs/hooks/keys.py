"""Writes docs/keys.md and reports/schema/target.schema.json: every key, option and variable.

    python docs/hooks/keys.py

Both are made of the tables that read target files, of the docstrings of the classes that hold what
they say, and of the commands' options; a test says when they are out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from queueproof.cli.main import command_named  # noqa: E402
from queueproof.cli.option_variables import COMMANDS, option_of  # noqa: E402
from queueproof.config.environment_keys import BY_OPTION, settable, variable_of  # noqa: E402
from queueproof.config.json_schema import (  # noqa: E402
    TABLES,
    meanings,
    schema_of,
    target_schema,
)
from queueproof.config.kinds import Kind, ListOf, Table  # noqa: E402
from queueproof.config.model import ReplicaConfig  # noqa: E402

PAGE = ROOT / "docs" / "keys.md"
SCHEMA = ROOT / "reports" / "schema" / "target.schema.json"
_INTRODUCTION = """\
# Every key

<!-- Written by docs/hooks/keys.py from the tables and docstrings in queueproof/config. -->

What a [target file](targets.md) may say, and how to say the same by an option or in the
environment. An option wins over a variable, a variable over the file. An empty variable counts as
not set. A list in a variable has blanks or commas between its items.

Editors complete and check a target file whose first line names its schema, which is
`reports/schema/target.schema.json`:

```toml
#:schema ./reports/schema/target.schema.json
```
"""
_SECRETS = """\
## Secrets

They come from the environment alone, and appear [nowhere else](access.md#secrets).

| variable | what |
| --- | --- |
| `QUEUEPROOF_TOKEN`, or | a user's token |
| `QUEUEPROOF_API_KEY`, or | a user's API key |
| `QUEUEPROOF_USERNAME`, `QUEUEPROOF_PASSWORD` | a user's login |
| `QUEUEPROOF_ADMIN_TOKEN`, `QUEUEPROOF_ADMIN_API_KEY` | a superuser's, if that user is none |
| `QUEUEPROOF_OTHER_USERNAME`, `QUEUEPROOF_OTHER_PASSWORD` | a second user's login |
| `QUEUEPROOF_OTHER_TOKEN`, `QUEUEPROOF_OTHER_API_KEY` | a second user's token or API key |
| `QUEUEPROOF_REDIS_URL` | the queue's Redis with its password |
| `QUEUEPROOF_HEADERS` | [headers of a front](ways-in.md), one `Name: value` a line |
| `QUEUEPROOF_PROXY` | an HTTP proxy with its password |
"""
_OTHERS = """\
## Other variables

| variable | what |
| --- | --- |
| `SSL_CERT_FILE`, `SSL_CERT_DIR`, `REQUESTS_CA_BUNDLE` | [authorities](ways-in.md) to trust |
| `QUEUEPROOF_DEBUG` | `1`: a traceback before the line that says what went wrong |
| `QUEUEPROOF_CACHE` | where the [lab](lab.md) installs real systems |
| `QUEUEPROOF_TARGET` | another target's URL for a [saved schedule](exploring.md) under pytest |
| `QUEUEPROOF_REDIS_IMAGE`, `QUEUEPROOF_TOXIPROXY_IMAGE` | images of [containers](containers.md) |
"""


def page() -> str:
    """The page's text."""
    parts = [_INTRODUCTION, *_tables(), _options(), _SECRETS, _OTHERS]
    return "\n".join(parts)


def schema() -> str:
    """The schema's text."""
    return json.dumps(target_schema(), indent=2, ensure_ascii=False) + "\n"


def _tables() -> Iterator[str]:
    for name, (table, classes) in TABLES.items():
        if name == "mapping":
            yield "## [mapping]\n\nDescribes any other API: see [any other queue](generic.md).\n"
            continue
        said, defaults = meanings(*classes), _defaults(classes)
        yield f"## [{name}]\n\n{_rows(name, table, said, defaults)}"
        yield from _rows_of_programs(name, table)


def _rows_of_programs(name: str, table: Table) -> Iterator[str]:
    """The table of each row, where a table has rows of programs."""
    for key, kind in table.keys.items():
        if isinstance(kind, ListOf) and isinstance(kind.kind, Table):
            rows = _rows(key, kind.kind, meanings(ReplicaConfig), _defaults((ReplicaConfig,)))
            yield f"### [[{name}.{key}]]\n\n{rows}"


def _rows(name: str, table: Table, said: Mapping[str, str], defaults: Mapping[str, Any]) -> str:
    by_variable = settable().get(name, {})
    lines = ["| key | takes | without it | variable | what |", "| --- | --- | --- | --- | --- |"]
    for key, kind in table.keys.items():
        variable = f"`{variable_of(key)}`" if key in by_variable or _has_option(name, key) else ""
        without = _shown(defaults.get(key))
        meaning = said.get(key, "").replace("|", "\\|")
        lines.append(f"| `{key}` | {_takes(kind)} | {without} | {variable} | {meaning} |")
    return "\n".join([*lines, ""])


def _has_option(table: str, key: str) -> bool:
    return table == "target" and (key in (*BY_OPTION, "redis_url", "headers"))


def _takes(kind: Kind) -> str:
    found = schema_of(kind)
    if isinstance(kind, ListOf):
        one = _takes(kind.kind)
        return f"a list of {one.removeprefix('a ')}s" if one.startswith("a ") else "a list"
    if "enum" in found:
        return " or ".join(f"`{each}`" for each in found["enum"])
    words = {
        "number": "a number",
        "integer": "a whole number",
        "string": "a text",
        "boolean": "true or false",
        "object": "a table",
        "array": "a list of words",
    }
    return words.get(str(found.get("type")), "anything")


def _defaults(classes: tuple[type, ...]) -> dict[str, Any]:
    return {
        item.name: item.default
        for one in classes
        for item in fields(one)  # type: ignore[arg-type]  # they are dataclasses
        if item.default is not MISSING
    }


def _shown(value: Any) -> str:
    if value in (None, "", ()):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else format(value)}`"


def _options() -> str:
    """One row an option, with the commands that have it."""
    rows: dict[str, tuple[str, list[str], str]] = {}
    for name in COMMANDS:
        for parameter in command_named(name).params:
            option = option_of(parameter)
            key = option.removeprefix("--").replace("-", "_")
            if parameter.envvar or key in (*settable()["target"], "redis_url"):
                variable = parameter.envvar or variable_of(key)
                said = rows.setdefault(option, (variable, [], parameter.help or ""))
                said[1].append(name)
    lines = ["## Options", "", "| option | variable | of | what |", "| --- | --- | --- | --- |"]
    for option, (variable, commands, said) in sorted(rows.items()):
        of = "all" if len(commands) == len(COMMANDS) else ", ".join(commands)
        lines.append(f"| `{option}` | `{variable}` | {of} | {said.replace('|', '/')} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Write both."""
    PAGE.write_text(page(), "utf-8")
    SCHEMA.write_text(schema(), "utf-8")


if __name__ == "__main__":
    main()
