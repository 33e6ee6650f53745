"""What a contract's package says of its requirements: `contract.toml`, read without its code.

    document = "ACME queue, Guarantees"      # whose promises they are

    [headings]                               # the requirements that it shares with others
    "POLL-003" = "Progress"
    "CANC-001" = { heading = "Cancelling", level = "SHOULD" }

Packages lie in `queueproof/targets`, or are named by the entry points `queueproof.contracts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from queueproof.config.kinds import AsItIs, Table, TableOf, Text
from queueproof.errors import UsageError
from queueproof.input_files import parsed_toml
from queueproof.plugins import plugins

_TEXT = Text(filled=True)
_HEADING = Table({"heading": _TEXT, "level": Text(choices=("MUST", "SHOULD"))}, needed=("heading",))
_FILE = Table({"document": _TEXT, "headings": TableOf(kind=AsItIs())}, needed=("document",))


@dataclass(frozen=True, kw_only=True)
class ContractSource:
    """A contract's document, and by requirement the heading and level it gives to a shared one."""

    document: str
    headings: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@cache
def contract_sources() -> Mapping[str, ContractSource]:
    """Every contract's, by name; raises UsageError for a mistake in a file."""
    return {name: _read(file, where) for name, file, where in _files()}


def _files() -> Iterator[tuple[str, Traversable, str]]:
    for entry in sorted(files("queueproof.targets").iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and (entry / "contract.toml").is_file():
            yield entry.name, entry / "contract.toml", f"{entry.name}/contract.toml"
    for plugin in plugins("contracts"):
        where = f"plugin {plugin.name} ({plugin.origin}), contract.toml"
        yield plugin.name, files(plugin.load().__name__) / "contract.toml", where


def _read(file: Traversable, where: str) -> ContractSource:
    try:
        text = file.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{where}: {error}") from None
    content = _FILE.read(parsed_toml(text, where=where), where)
    rows = {
        key: _heading(row, f"{where}, {key}") for key, row in content.get("headings", {}).items()
    }
    return ContractSource(document=content["document"], headings=rows)


def _heading(row: Any, where: str) -> tuple[str, str]:
    if isinstance(row, str):
        return _TEXT.read(row, where), ""
    if not isinstance(row, dict):
        raise UsageError(f"{where}: a heading is a text, or a table with heading and level")
    read = _HEADING.read(row, where)
    return read["heading"], read.get("level", "")
