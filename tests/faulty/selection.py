"""Which requirements a word stands for, and which of them need no target of their own.

Starting a target costs more than a whole case. `shared` are the requirements all of whose cases
run side by side on the main target: one boot serves them all. `cases` are all that there are.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from queueproof import paths
from queueproof.requirements import load_registry
from queueproof.requirements.registry import Registry
from queueproof.running.marks import CaseMark, mark_of
from tests.faulty.unbreakable import UNBREAKABLE

SHARED = "shared"
_RANGE = ".."
_APART = "launch"


@dataclass(frozen=True)
class Selection:
    """The registry with what the suites say about their cases."""

    registry: Registry
    shared: frozenset[str]
    cases: tuple[str, ...] = ()

    def resolve(self, words: Iterable[str]) -> tuple[str, ...]:
        """The requirement IDs that areas, IDs and `shared` stand for, in the registry's order."""
        chosen: set[str] = set()
        for word in words:
            if word == SHARED:
                chosen |= self.shared
            else:
                chosen |= {requirement.id for requirement in self.registry.select([word])}
        return tuple(requirement.id for requirement in self.registry if requirement.id in chosen)


def spelt_out(words: Iterable[str]) -> Iterator[str]:
    """The words, with the IDs of a range such as TTL-001..008 in its place."""
    for word in words:
        yield from _numbered(word) if _RANGE in word else (word,)


def _numbered(word: str) -> Iterator[str]:
    first, _, last = word.partition(_RANGE)
    area, _, number = first.partition("-")
    return (f"{area}-{each:03d}" for each in range(int(number), int(last) + 1))


def load_selection(contract: str) -> Selection:
    """Read the registry and every case's mark."""
    registry = load_registry(contract)
    asked = [row.id for row in registry if "gate" in row.judged_by]
    by_requirement: dict[str, list[bool]] = {id_: [] for id_ in asked}
    cases = []
    for id_, mark, launches in _cases():
        here = not mark.contracts or contract in mark.contracts
        if here and mark.requirement in by_requirement:
            cases.append(id_)
            by_requirement[mark.requirement].append(not (mark.alone or mark.closing or launches))
    shared = {id_ for id_, side_by_side in by_requirement.items() if all(side_by_side)}
    # Whether generated schedules find a variant's fault is the seed's affair.
    return Selection(registry, frozenset(shared - UNBREAKABLE.keys()), tuple(cases))


def _cases() -> Iterator[tuple[str, CaseMark, bool]]:
    """Every case by pytest's name, with its mark, and whether it launches targets."""
    suites = paths.folder("suites")
    for path in sorted(suites.rglob("test_*.py")):
        for name, function in vars(_module(path)).items():
            mark = mark_of(function)
            if mark is not None:
                id_ = f"{path.relative_to(suites.parent).as_posix()}::{name}"
                apart = _APART in inspect.signature(function).parameters
                for instance in _instances(function):
                    yield f"{id_}{instance}", mark, apart


def _instances(function: Any) -> list[str]:
    """What pytest puts behind a case's name, for each of its parameters; nothing for one alone."""
    for mark in getattr(function, "pytestmark", ()):
        if mark.name == "parametrize":
            _, rows = mark.args
            return [f"[{'-'.join(map(str, row))}]" for row in rows]
    return [""]


def _module(path: Path) -> object:
    name = f"queueproof_suite_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
