"""Who may import whom: the arrows of the house, walked import by import."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("queueproof", "suites", "chaos", "load", "reference_impl", "bridges")
MAY_IMPORT = {
    "queueproof": {"queueproof"},
    "suites": {"queueproof", "suites"},
    "chaos": {"queueproof", "chaos"},
    "load": {"queueproof", "load"},
    "reference_impl": {"reference_impl"},
    "bridges": {"bridges"},
}
INNER = {
    "queueproof/checkers": {
        "queueproof.checkers",
        "queueproof.history",
        "queueproof.json_numbers",
        "queueproof.verdicts",
    },
    "queueproof/exploring/model": {
        "queueproof.config.deadlines",
        "queueproof.exploring.model",
        "queueproof.exploring.record",
        "queueproof.exploring.shapes",
        "queueproof.exploring.steps",
        "queueproof.checkers",
        "queueproof.history",
        "queueproof.json_numbers",
        "queueproof.targets.job",
    },
    "queueproof/reporting": {
        "queueproof.reporting",
        "queueproof.verdicts",
        "queueproof.errors",
        "queueproof.paths",
        "queueproof.input_files",
        "queueproof.json_numbers",
        "queueproof.plugins",
        "queueproof.redaction",
    },
    "queueproof/reproducing": {
        "queueproof.reproducing",
        "queueproof.reporting",
        "queueproof.targets.flowise.wire",
        "queueproof.targets.generic.wire",
        "queueproof.targets.langflow.wire",
        "queueproof.targets.contracts",
        "queueproof.targets.workload_traits",
        "queueproof.verdicts",
        "queueproof.errors",
    },
    "queueproof/requirements": {
        "queueproof.requirements",
        "queueproof.config.kinds",
        "queueproof.errors",
        "queueproof.input_files",
        "queueproof.plugins",
    },
    "queueproof/config": {
        "queueproof.config",
        "queueproof.errors",
        "queueproof.input_files",
        "queueproof.json_numbers",
        "queueproof.redaction",
        "queueproof.trust",
    },
}
ONLY_HERE = {
    "locust": ("load",),
    "toxiproxy": ("queueproof/faults", "queueproof/stack"),
    "testcontainers": ("queueproof/stack",),
}


#: What each room of the library may know besides single modules (`errors`, `history`, …): the rooms
#: that come before it. Whoever adds a room says here what it is made from.
BEFORE = {
    "config": set(),
    "checkers": set(),
    "requirements": {"config"},
    "reporting": set(),
    "processes": set(),
    "executors": {"config", "processes"},
    "targets": {"config", "executors", "processes", "reporting"},
    "stack": {"config", "executors", "processes", "targets"},
    "faults": {"config", "executors", "processes", "stack", "targets"},
    "case_helpers": {"checkers", "config", "faults", "stack", "targets"},
    "reproducing": {"reporting", "targets"},
    "running": {
        *("case_helpers", "checkers", "config", "processes", "reporting", "requirements", "stack"),
        "targets",
    },
    "load": {"checkers", "config", "reporting", "running", "stack", "targets"},
    "chaos": {
        *("checkers", "config", "faults", "processes", "reporting", "requirements", "running"),
        *("stack", "targets"),
    },
    "exploring": {
        *("checkers", "config", "executors", "faults", "reporting", "requirements", "running"),
        "targets",
    },
    "watch": {"config", "reporting", "running", "targets"},
    "lab": {"chaos", "config", "load", "reporting", "running", "stack", "targets"},
    "bench": {"config", "lab", "load", "reporting", "running", "stack", "targets"},
    "cli": {
        *("bench", "chaos", "config", "exploring", "lab", "load", "reporting", "reproducing"),
        *("requirements", "running", "stack", "targets", "watch"),
    },
}


def modules(room: str) -> list[Path]:
    return [path for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts]


@cache
def imports(path: Path) -> frozenset[str]:
    """Every name a file imports, absolute; a relative import stays in its own room."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def test_the_walk_sees_the_house() -> None:
    """The rules below cannot pass by looking at nothing."""
    assert len(modules("queueproof")) > 50
    assert any("queueproof.case.requirement" in imports(path) for path in modules("suites"))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    """suites, chaos and load know the library; the library and the reference know nobody."""
    for path in modules(room):
        reached = {name.split(".")[0] for name in imports(path)} & set(ROOMS)
        assert reached <= MAY_IMPORT[room], f"{path.relative_to(ROOT)} imports {reached}"


@pytest.mark.parametrize("folder", INNER)
def test_an_inner_room_imports_only_the_models_it_is_made_from(folder: str) -> None:
    """Checkers know history and verdicts, writers know the result model, and so on."""
    for path in modules(folder):
        ours = {name for name in imports(path) if name.split(".")[0] == "queueproof"}
        strangers = {
            name
            for name in ours
            if not any(name == ok or name.startswith(f"{ok}.") for ok in INNER[folder])
        }
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


def known_by_rooms() -> dict[str, set[str]]:
    """For each room of the library, and each single module, what of the others it imports."""
    folder = ROOT / "queueproof"
    names = {path.stem for path in folder.glob("*.py")} | set(BEFORE)
    found: dict[str, set[str]] = {}
    for path in modules("queueproof"):
        own = path.relative_to(folder).parts[0].removesuffix(".py")
        parts = [name.split(".") for name in imports(path)]
        reached = {part[1] for part in parts if part[0] == "queueproof" and len(part) > 1}
        found.setdefault(own, set()).update((reached & names) - {own})
    return found


def test_every_room_says_what_it_is_made_from() -> None:
    """A room that is not in the table would be under no rule."""
    rooms = {path.parent.name for path in (ROOT / "queueproof").glob("*/__init__.py")}

    assert rooms == set(BEFORE)
    for room, known in known_by_rooms().items():
        if room in BEFORE:
            assert known & set(BEFORE) <= BEFORE[room], room


def test_no_two_rooms_import_each_other() -> None:
    """Nor does a room import a single module that imports it."""
    known = known_by_rooms()

    assert {
        (one, two) for one in known for two in known[one] if one in known.get(two, set())
    } == set()


@pytest.mark.parametrize("library", ONLY_HERE)
def test_an_intrusive_library_stays_in_its_room(library: str) -> None:
    """Locust patches the interpreter; proxies and containers are the stack's affair."""
    for room in (*ROOMS, "tests"):
        for path in modules(room):
            inside = str(path.relative_to(ROOT)).startswith(ONLY_HERE[library])
            names = {name.split(".")[0] for name in imports(path)}
            assert inside or library not in names, f"{path.relative_to(ROOT)} imports {library}"
