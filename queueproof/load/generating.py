"""Starting the generator: locust, as a program of its own, with a ticket instead of arguments."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from queueproof import house
from queueproof.errors import HarnessError, UsageError
from queueproof.load.ticket import TICKET_VARIABLE, Ticket
from queueproof.stack.children import Child, free_port, start_child

_TICKET_FILE = "ticket.json"
_NEEDED = ("locust", "hdrh")
_LAST_CHARACTERS = 600


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How the generator is run.

    ui        show locust's web UI on this port of loopback
    listen    host and port for generating processes on other machines; else they are started here
    """

    ui: int | None = None
    listen: tuple[str, int] | None = None


def require_generator() -> None:
    """Raises UsageError where locust is not installed."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"load runs need locust: pip install 'queueproof[load]' (missing: {', '.join(missing)})"
        )


async def generate(ticket: Ticket, ways: Ways, *, watch: Callable[[], None] = lambda: None) -> None:
    """Play the ticket to its end; what was measured is then in its folder.

    `watch` is called a few times a second meanwhile. Raises HarnessError when the generator ends
    with an error.
    """
    folder = Path(ticket.folder)
    with _ticket_file(ticket, folder) as path:
        environment = {TICKET_VARIABLE: str(path), "PYTHONPATH": _python_path()}
        child = await start_child(
            _command(ticket, ways), environment=environment, log=folder / "generator.log"
        )
        try:
            while child.exit_code is None:
                watch()
                await _a_moment(child)
        finally:
            await child.stop()
    if child.exit_code:
        said = " / ".join(child.output.strip().splitlines()[-5:])[-_LAST_CHARACTERS:]
        raise HarnessError(f"the generator ended with {child.exit_code}: {said}")


def _command(ticket: Ticket, ways: Ways) -> list[str]:
    locustfile = house.path("load") / "locustfile.py"
    command = [sys.executable, "-m", "locust", "-f", str(locustfile), "--loglevel", "WARNING"]
    command += ["--users", str(ticket.processes), "--spawn-rate", str(ticket.processes)]
    if ways.ui is None:
        command += ["--headless", "--only-summary"]
    else:
        host = ["--web-host", "127.0.0.1", "--web-port", str(ways.ui)]
        command += ["--autostart", "--autoquit", "5", *host]
    return command + _others(ticket, ways)


def _others(ticket: Ticket, ways: Ways) -> list[str]:
    """How the generating processes find each other; nothing to say where there is but one."""
    if ways.listen is not None:
        host, port = ways.listen
        bind = ["--master-bind-host", host, "--master-bind-port", str(port)]
        return ["--master", "--expect-workers", str(ticket.processes), *bind]
    if ticket.processes == 1:
        return []
    port = free_port()
    bind = ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(port)]
    return ["--processes", str(ticket.processes), "--master-port", str(port), *bind]


def _python_path() -> str:
    """Where the generator finds the room `load`, and the library as this process does."""
    places = [str(house.root()), str(Path(__file__).resolve().parents[2])]
    return os.pathsep.join(dict.fromkeys([*places, os.environ.get("PYTHONPATH", "")])).strip(":")


@contextmanager
def _ticket_file(ticket: Ticket, folder: Path) -> Iterator[Path]:
    """The ticket's file, for as long as the generator runs: it holds a token."""
    path = folder / _TICKET_FILE
    ticket.write(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


async def _a_moment(child: Child) -> None:
    try:
        async with asyncio.timeout(0.25):
            await child.wait()
    except TimeoutError:
        return
