"""The wheel works where there is no checkout: suites, outages, reports and reference travel along.

It is built and unpacked here; its dependencies are those of the environment that runs the tests,
so nothing is downloaded. docs/releasing.md says how a whole installation is tried.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from queueproof import __version__

from ..end_to_end.conftest import Reference, clean_environment, reference

__all__ = ["reference"]

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("suites", "chaos", "reference_impl", "reports")


@dataclass(frozen=True)
class Unpacked:
    """The wheel as an installation has it, and an empty folder to work in."""

    site: Path
    elsewhere: Path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the installed queueproof in the empty folder."""
        return subprocess.run(
            [sys.executable, "-m", "queueproof", *arguments],
            cwd=self.elsewhere,
            env={**clean_environment(), "PYTHONPATH": str(self.site), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return Unpacked(site, tmp_path_factory.mktemp("elsewhere"))


def test_the_rooms_travel_along_and_nothing_else_does(wheel: Path) -> None:
    """Every file of a room is in the wheel; tests, caches and written reports are not."""
    names = zipfile.ZipFile(wheel).namelist()
    carried = {name.removeprefix("queueproof/_carried/") for name in names if "_carried/" in name}
    rooms = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    tracked = {str(path.relative_to(ROOT)) for path in rooms if "__pycache__" not in path.parts}
    left = ("reports/published/", "reports/out/")
    wanted = {"conftest.py", *(name for name in tracked if not name.startswith(left))}

    assert wanted <= carried
    assert not [name for name in names if "__pycache__" in name or "reports/out" in name]
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]


def test_the_wheel_is_named_for_its_version(wheel: Path) -> None:
    assert wheel.name == f"queueproof-{__version__}-py3-none-any.whl"


def test_an_embedded_gate_runs_in_an_empty_folder(installed: Unpacked) -> None:
    """Redis, the reference, a case and its report, all from the wheel."""
    run = installed.run("gate", "--only", "STRM-005")

    assert run.returncode == 0, run.stdout + run.stderr
    assert len(list(installed.elsewhere.glob("reports/out/*/report.html"))) == 1
    assert str(installed.site) in installed.run("doctor", COLUMNS="300").stdout


def test_a_url_is_judged_from_an_empty_folder(installed: Unpacked, reference: Reference) -> None:
    run = installed.run("gate", reference.url, "--only", "STRM-005", **reference.known)

    assert run.returncode == 0, run.stdout + run.stderr


def test_outages_are_listed_from_the_wheel(installed: Unpacked) -> None:
    run = installed.run("chaos", "--list")

    assert run.returncode == 0, run.stderr
    assert re.search(r"\b\d\d scenarios", run.stdout)


def test_the_shell_completes_commands(installed: Unpacked) -> None:
    """What `queueproof --install-completion` lets the shell ask."""
    asked = {
        "_QUEUEPROOF_COMPLETE": "complete_bash",
        "COMP_WORDS": "queueproof ga",
        "COMP_CWORD": "1",
    }
    program = "from queueproof.cli.main import app; app(prog_name='queueproof')"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=installed.elsewhere,
        env={**clean_environment(), "PYTHONPATH": str(installed.site), **asked},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.stdout.split() == ["gate"], run.stderr


def test_a_tag_is_the_version_and_has_its_changes() -> None:
    """A tagged commit has the version that the tag names, and a section in the changelog."""
    command = ["git", "tag", "--points-at", "HEAD"]
    tags = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if tags.returncode:
        pytest.skip("not a git checkout: there is no tag to compare with")
    released = [tag for tag in tags.stdout.split() if re.fullmatch(r"v\d+\.\d+\.\d+", tag)]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert released in ([], [f"v{__version__}"])
    assert headings[0] == "[Unreleased]"
    assert not released or headings[1].startswith(f"[{__version__}] - ")
