"""Requirements of other sources: rows in the folder `requirements` of a source of suites.

A file an area, as ours; at its top, `document` names whose promises they are. A row's `heading` is
a section of that document, and `contracts` the contracts that it is judged on (left out: all).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from queueproof.config.kinds import AsItIs, Flag, ListOf, Table, Text
from queueproof.errors import UsageError
from queueproof.input_files import read_toml
from queueproof.plugins import REQUIREMENT, Source

_TEXT = Text(filled=True)
_ROW = Table(
    {
        "id": _TEXT,
        "level": Text(choices=("MUST", "SHOULD")),
        "sentence": _TEXT,
        "heading": _TEXT,
        "access": Text(choices=("http", "admin", "redis", "proxy", "process", "launch")),
        "contracts": ListOf(kind=_TEXT, least=1),
        "needs": ListOf(kind=_TEXT),
        "destructive": Flag(),
    },
    needed=("id", "level", "sentence", "heading"),
)
_FILE = Table({"document": _TEXT, "requirement": ListOf(kind=AsItIs())}, needed=("document",))


def foreign_rows(source: Source, contract: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Area and row of every requirement of `source` that `contract` is held to.

    Raises UsageError for a mistake in a file, or an ID without the source's prefix.
    """
    ids: list[str] = []
    for path in sorted((source.folder / "requirements").glob("*.toml")):
        content = _FILE.read(read_toml(path, what="requirements"), str(path))
        for table in content.get("requirement", ()):
            row = _row(table, str(path))
            ids.append(row["id"])
            contracts = row.pop("contracts", [contract])
            if contract in contracts:
                yield path.stem, {**row, "document": content["document"]}
    source.claim(ids, REQUIREMENT)


def _row(table: Any, where: str) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise UsageError(f"{where}: a requirement is a table, [[requirement]]")
    return dict(_ROW.read(table, f"{where}, {table.get('id', 'a requirement without id')}"))
