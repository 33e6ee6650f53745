"""The plugin of docs/extending.md, built and installed into a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.preforked import Preforked

from ..end_to_end.conftest import clean_environment

ROOT = Path(__file__).resolve().parents[2]
_FILE = re.compile(r'^```\w+ title="(?P<name>[^"]+)"\n(?P<text>.*?)^```', re.MULTILINE | re.DOTALL)


def shown_files(page: str) -> dict[str, str]:
    """The files that a page of the documentation shows, by their names."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return {block["name"]: block["text"] for block in _FILE.finditer(text)}


def write_files(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def install(project: Path, site: Path) -> None:
    """Build the project's wheel and unpack it, as an installation does."""
    wheels = project / "dist"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    built = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    [wheel] = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)


@dataclass(frozen=True)
class Team:
    """A team's own folder: its cases, and whatever plugins are installed beside queueproof."""

    folder: Path
    site: Path
    environment: dict[str, str] = field(default_factory=clean_environment)
    #: Has imported queueproof with these plugins, where many a command is run.
    program: Preforked | None = None

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module (queueproof, pytest) in the team's folder."""
        path = os.pathsep.join(map(str, (self.site, ROOT)))
        environment = {**self.environment, "PYTHONPATH": path, "COLUMNS": "160"}
        if self.program is not None and module == "queueproof":
            return self.program.run(
                arguments, environment=environment, folder=self.folder, timeout_s=150
            )
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )


def project_of(files: dict[str, str], folder: Path) -> Path:
    """The plugin's source tree: the suites are the same files as in a team's own folder."""
    package = {
        name: text for name, text in files.items() if name.startswith(("acme_queue/", "pyproject"))
    }
    for part in ("", "suites/", "scenarios/", "profiles/"):
        package[f"acme_queue/{part}__init__.py"] = ""
    for name, text in files.items():
        if name.startswith("my_cases/"):
            package[name.replace("my_cases/", "acme_queue/suites/")] = text
    write_files(folder, package)
    return folder


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Cases in a folder of their own; no plugin is installed."""
    folder = tmp_path_factory.mktemp("team")
    files = shown_files("extending.md")
    write_files(folder, {name: text for name, text in files.items() if "my_cases/" in name})
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", "utf-8")
    return Team(folder, tmp_path_factory.mktemp("empty-site"))


@pytest.fixture(scope="session")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The plugin is installed; the folder is empty."""
    site = tmp_path_factory.mktemp("site")
    project = project_of(shown_files("extending.md"), tmp_path_factory.mktemp("acme"))
    install(project, site)
    with preforked_with(site) as program:
        yield Team(tmp_path_factory.mktemp("guest"), site, program=program)


@contextmanager
def preforked_with(site: Path) -> Iterator[Preforked]:
    """A program that has imported queueproof, and what is installed in this folder."""
    program = Preforked(site)
    yield program
    program.close()
