"""Putting a system into the cache: once, into a folder of its own, with its log beside it."""

from __future__ import annotations

import fcntl
import filecmp
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from queueproof import paths
from queueproof.errors import UsageError
from queueproof.lab.recipe import Choice, Recipe
from queueproof.stack.cache import cache_folder

_MARKER = "installed.json"
_LAST_LINES = 3
#: What the front of a Python bridge needs beside the library.
FRONT_PACKAGES = ("starlette>=0.41,<2", "uvicorn>=0.32,<1", "redis>=4.2")
_NO_VERSION = (
    "No matching distribution",
    "no version of",
    "was not found in the package registry",
    "ETARGET",
    "E404",
)
_NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "Temporary failure", "Failed to fetch", "dns error")

Tell = Callable[[str], None]


def folder_of(choice: Choice) -> Path:
    """Where the system, its first data and its logs are kept."""
    return cache_folder(f"lab/{choice.folder}")


def installed(choice: Choice) -> Path:
    """The folder of the finished installation."""
    return folder_of(choice) / "system"


def is_installed(choice: Choice) -> bool:
    """Whether an earlier run has finished the installation, and what it compiled is as it was."""
    return (folder_of(choice) / _MARKER).exists() and _compiled_of_ours(choice)


def _compiled_of_ours(choice: Choice) -> bool:
    """Whether a compiled bridge has the source that it has here; true of what is not compiled."""
    if "source" not in choice.recipe.install:
        return True
    ours = paths.folder("bridges") / choice.recipe.install["source"]
    names = [path.name for path in ours.glob("*.go")]
    same, _, _ = filecmp.cmpfiles(ours, installed(choice) / "source", names, shallow=False)
    return same == names


def check_machine(recipe: Recipe, workers: int) -> None:
    """Raises UsageError where the machine lacks what the system needs to be started."""
    memory_gb = psutil.virtual_memory().available / 1e9
    needed_gb = recipe.needs.memory_gb + workers * recipe.needs.memory_gb_a_worker
    if memory_gb < needed_gb:
        raise UsageError(
            f"{recipe.system} with {workers} workers needs {needed_gb:.1f} GB of memory, and "
            f"{memory_gb:.1f} GB are free: close something, or ask for fewer --workers"
        )


def install(choice: Choice, tell: Tell) -> float:
    """Install the system; returns the seconds it took.

    `tell` is called with every line the installer prints. An installation that was cut short is
    begun anew. Raises UsageError where disk, interpreter or registry are missing.
    """
    home, began = folder_of(choice), time.monotonic()
    _check_disk(choice.recipe, home)
    shutil.rmtree(home / "system", ignore_errors=True)
    make = {"python": _python, "npm": _npm, "go": _go}[choice.recipe.install["kind"]]
    for command in make(choice, home / "system"):
        _run(command, home / "install.log", tell, cwd=home)
    took_s = time.monotonic() - began
    told = {"system": choice.name, "took_s": round(took_s, 1)}
    (home / _MARKER).write_text(json.dumps(told), "utf-8")
    return took_s


@contextmanager
def alone(choice: Choice) -> Iterator[None]:
    """Nobody else installs this system, or makes its first data, meanwhile.

    Waits for another visit that does.
    """
    with (folder_of(choice) / "visit.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove(choice: Choice) -> None:
    """Forget the installation and its data."""
    shutil.rmtree(folder_of(choice), ignore_errors=True)


def _check_disk(recipe: Recipe, home: Path) -> None:
    free_gb = shutil.disk_usage(home).free / 1e9
    if free_gb < recipe.needs.disk_gb:
        raise UsageError(
            f"{recipe.system} takes {recipe.needs.disk_gb:.1f} GB of disk, and {free_gb:.1f} GB "
            f"are free in {home}: make room, or set QUEUEPROOF_CACHE to another folder"
        )


def _python(choice: Choice, system: Path) -> Iterator[list[str]]:
    """A virtual environment with the package, by uv: the machine's, or one of the lab's own."""
    wanted = SpecifierSet(choice.recipe.needs.python)
    ours = "{}.{}".format(*sys.version_info[:2])
    if Version(ours) not in wanted:
        raise UsageError(f"{choice.name} needs Python {wanted}, and this is {ours}")
    uv = shutil.which("uv") or str(system.parent / "installer" / "bin" / "uv")
    if not Path(uv).exists():
        # pip itself takes many minutes to find versions that fit each other; uv takes seconds.
        installer = Path(uv).parent.parent
        yield [sys.executable, "-m", "venv", str(installer)]
        yield [str(installer / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv>=0.5,<1"]
    yield [uv, "venv", str(system), "--python", sys.executable]
    yield [uv, "pip", "install", "--python", str(system / "bin" / "python"), *packages_of(choice)]


def packages_of(choice: Choice) -> list[str]:
    """What is installed: the package, and beside it what the choice names, else what the recipe.

    A recipe's `{version}` is the package's own: for those that are released together.
    """
    named = {Requirement(package).name for package in choice.beside}
    install = choice.recipe.install
    pins = [
        package.replace("{version}", str(choice.version))
        for pin in install.get("pins", ())
        if choice.version in SpecifierSet(pin["versions"])
        for package in pin["packages"]
    ]
    python = install["kind"] == "python"
    front = FRONT_PACKAGES if choice.recipe.bridge and python else ()
    usual = (*install.get("beside", ()), *pins, *front)
    kept = [one for one in usual if Requirement(one).name not in named]
    return [f"{install['package']}=={choice.version}", *kept, *choice.beside]


def _npm(choice: Choice, system: Path) -> Iterator[list[str]]:
    """The package without its install scripts, then the few native modules that it needs."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise UsageError(f"{choice.name} needs Node.js {choice.recipe.needs.node} with npm")
    system.mkdir(parents=True)
    (system / "package.json").write_text(json.dumps({"overrides": overrides_of(choice)}), "utf-8")
    packages = [f"{one.name}@{one.specifier}" for one in map(Requirement, _direct(choice))]
    packages = [one.replace("@==", "@").replace(",", " ") for one in packages]
    prefix = ["--prefix", str(system), "--no-fund", "--no-audit"]
    yield [npm, "install", *prefix, "--ignore-scripts", *packages]
    for module in choice.recipe.install.get("rebuild", ()):
        yield [npm, "rebuild", *prefix, module]


def overrides_of(choice: Choice) -> dict[str, str]:
    """What is exchanged inside an npm package, whatever that pins: npm's `overrides`.

    It is what the choice names beside the package and its recipe does not.
    """
    usual = {Requirement(one).name for one in choice.recipe.install.get("beside", ())}
    named = map(Requirement, choice.beside)
    return {one.name: str(one.specifier)[2:] for one in named if one.name not in usual}


def _direct(choice: Choice) -> list[str]:
    inside = overrides_of(choice)
    return [one for one in packages_of(choice) if Requirement(one).name not in inside]


def _go(choice: Choice, system: Path) -> Iterator[list[str]]:
    """A bridge's own source, built on the version of the module."""
    go, install = shutil.which("go"), choice.recipe.install
    if go is None:
        raise UsageError(f"{choice.name} needs Go")
    if choice.beside:
        raise UsageError(f"--with {choice.beside[0]}: {choice.name} is a Go module: leave it out")
    source = system / "source"
    shutil.copytree(paths.folder("bridges") / install["source"], source)
    yield [go, "-C", str(source), "get", f"{install['package']}@v{choice.version}"]
    yield [go, "-C", str(source), "build", "-o", str(system / "bridge"), "."]


def _run(command: list[str], log: Path, tell: Tell, *, cwd: Path) -> None:
    with log.open("a", encoding="utf-8") as sink, _started(command, cwd) as process:
        assert process.stdout is not None
        sink.write(f"$ {' '.join(command)}\n")
        lines: list[str] = []
        for line in process.stdout:
            sink.write(line)
            lines.append(line.strip())
            tell(line.strip())
        if process.wait() != 0:
            raise UsageError(_why(command, lines, log))


@contextmanager
def _started(command: list[str], cwd: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603  (an installer found on the machine)
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def _why(command: list[str], lines: list[str], log: Path) -> str:
    """One line that says what to do about an installer's failure."""
    said = " / ".join([line for line in lines if line][-_LAST_LINES:])[-400:]
    text = "\n".join(lines)
    if any(sign in text for sign in _NO_NETWORK):
        return f"the package registry cannot be reached: {said} (log: {log})"
    if any(sign in text for sign in _NO_VERSION):
        return f"the registry has no such version: {said} (log: {log})"
    return f"{Path(command[0]).name} failed: {said} (log: {log})"
