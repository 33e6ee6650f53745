"""The room of faults: one registered fault a file, called as the file, and nothing else beside."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from queueproof import faults
from queueproof.faults.catalogue import FAULT_NAMES
from queueproof.plugins import plugins

ROOM = Path(faults.__path__[0])
#: What a fault is, how it is registered, and how all are found.
MACHINERY = {"__init__", "base", "catalogue", "registry"}
FILES = sorted(path for path in ROOM.glob("*.py") if path.stem not in MACHINERY)


def registered_in(path: Path) -> list[str]:
    """The names that a file registers, as its decorators say."""
    return [
        str(ast.literal_eval(decorator.args[0]))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "fault"
    ]


def test_the_room_is_looked_at() -> None:
    assert len(FILES) > 25


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_registers_one_fault_and_bears_its_name(path: Path) -> None:
    assert registered_in(path) == [path.stem]


def test_what_faults_share_registers_none() -> None:
    assert [
        registered_in(path) for path in (ROOM / "shared").glob("*.py") if registered_in(path)
    ] == []


def test_every_fault_of_ours_has_a_file() -> None:
    guests = tuple(f"{plugin.name}." for plugin in plugins("faults"))

    assert {name for name in FAULT_NAMES if not name.startswith(guests)} == {
        path.stem for path in FILES
    }
