"""The small package: what it does without the extras, and the one line that says how to get them.

The modules of the extras are hidden from the programs that are run here, as if they had not been
installed: nothing is downloaded.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from queueproof.extras import EXTRAS

from ..end_to_end.conftest import Reference, clean_environment, reference

__all__ = ["reference"]

ROOT = Path(__file__).resolve().parents[2]
_HIDING = """
import sys
_HIDDEN = {hidden!r}
class _Hides:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in _HIDDEN:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, _Hides())
import importlib.util
_find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name in _HIDDEN else _find(name, *more)
"""
#: Distributions of the small package whose module is called otherwise.
_MODULES = {"prometheus-client": "prometheus_client"}
#: Modules that are imported only once their extra was asked for.
_BEHIND_A_QUESTION = {
    "queueproof/exploring/machine.py": {"hypothesis"},
    "queueproof/load/tally.py": {"hdrh"},
}


@pytest.fixture
def hiding(tmp_path: Path) -> dict[str, str]:
    """An environment in which no module of an extra is there."""
    hidden = {name for names in EXTRAS.values() for name in names}
    (tmp_path / "sitecustomize.py").write_text(_HIDING.format(hidden=hidden), "utf-8")
    return {**clean_environment(), "PYTHONPATH": f"{tmp_path}:{ROOT}"}


def small(
    hiding: dict[str, str], folder: Path, *words: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the small package in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "queueproof", *words],
        cwd=folder,
        env={**hiding, **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_url_is_judged_and_what_needs_more_says_what_to_install(
    hiding: dict[str, str], reference: Reference, tmp_path: Path
) -> None:
    words = ("gate", reference.url, "--only", "STRM-005", "--only", "EXPL-001", "--json")
    run = small(hiding, tmp_path, *words, **reference.known)

    assert run.returncode == 0, run.stderr
    rows = {row["id"]: row for row in json.loads(run.stdout)["requirements"]}
    assert rows["STRM-005"]["verdict"] == "passed"
    assert rows["EXPL-001"]["verdict"] == "not_assessed"
    assert "pip install 'queueproof[explore]'" in rows["EXPL-001"]["cases"][0]["reason"]


def test_a_target_is_watched(hiding: dict[str, str], reference: Reference, tmp_path: Path) -> None:
    run = small(hiding, tmp_path, "watch", reference.url, "--once", **reference.known)

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("gate",), "reference"),
        (("serve",), "reference"),
        (("chaos",), "reference"),
        (("chaos", "http://127.0.0.1:1", "--disposable"), "chaos"),
        (("explore", "http://127.0.0.1:1"), "explore"),
        (("load", "http://127.0.0.1:1"), "load"),
        (("lab", "langflow", "--chaos"), "chaos"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else each,
)
def test_a_missing_extra_is_one_line_that_names_the_command(
    hiding: dict[str, str], tmp_path: Path, words: tuple[str, ...], extra: str
) -> None:
    run = small(hiding, tmp_path, *words)

    assert run.returncode == 2, run.stdout + run.stderr
    assert f"pip install 'queueproof[{extra}]'" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("words", [("gate", "--list"), ("chaos", "--list"), ("requirements",)])
def test_lists_need_no_extra(
    hiding: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert small(hiding, tmp_path, *words).returncode == 0


def test_the_small_package_imports_nothing_that_it_does_not_bring() -> None:
    """Of other distributions, at the head of a module, only what is installed in any case."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[<>=;\[ ]", each)[0] for each in project["dependencies"]]
    brought = {_MODULES.get(name, name) for name in names} | {"markupsafe", "click", "_pytest"}
    ours = {"queueproof", "suites", "__future__"} | sys.stdlib_module_names
    for folder in ("queueproof", "suites"):
        for path in (ROOT / folder).rglob("*.py"):
            place = path.relative_to(ROOT).as_posix()
            found = imported(ast.parse(path.read_text("utf-8"))) - ours - brought
            assert found <= _BEHIND_A_QUESTION.get(place, set()), place


def imported(tree: ast.Module) -> set[str]:
    """The top names of what a module imports at its head."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).partition(".")[0])
    return found


def test_all_brings_every_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]

    def brought(name: str) -> set[str]:
        words = ",".join(re.findall(r"queueproof\[([\w,]+)\]", " ".join(extras[name])))
        return {name}.union(*(brought(each) for each in words.split(",") if each))

    assert brought("all") == set(extras)
    assert {"chaos", "explore"} < brought("reference")
