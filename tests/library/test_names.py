"""One name, one thing: no two modules and no two public classes of the library are called alike.

What still is stands here, and may only become less: a name that is taken off must not come back.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[2] / "queueproof"
#: A package's parts that are called alike because they are alike, in each contract's package.
ALIKE = {"__init__", "account", "adapter", "any_request", "events", "wire"}
#: A command bears the name of what it starts, and a file of configuration that of its table.
COMMANDS = {"chaos", "gate", "load", "report", "requirements"}
MODULES = {
    *("answers", "bounds", "findings", "judging", "marks", "model"),
    *("outcome", "progress", "reading", "registry", "run", "schedule"),
    *("steps", "streams", "watching"),
}
CLASSES = {
    *("Errand", "Judgement", "Kind"),
    *("Reader", "Reply", "Seen", "Standing"),
}


def twice(names: list[str]) -> set[str]:
    return {name for name, number in Counter(names).items() if number > 1}


def trees() -> list[ast.Module]:
    return [ast.parse(path.read_text("utf-8")) for path in LIBRARY.rglob("*.py")]


def test_the_library_is_looked_at() -> None:
    assert len(trees()) > 250


def test_no_two_modules_are_called_alike() -> None:
    found = twice([path.stem for path in LIBRARY.rglob("*.py")]) - ALIKE - COMMANDS

    assert found == MODULES


def test_no_two_public_classes_are_called_alike() -> None:
    classes = [
        node.name
        for tree in trees()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]

    assert twice(classes) == CLASSES


def test_a_module_says_first_what_it_is() -> None:
    """Every module that holds anything has a docstring."""
    for path in LIBRARY.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert not tree.body or ast.get_docstring(tree), path
