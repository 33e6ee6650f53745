"""`queueproof …` as a fork of a program that has imported it, for tests that run it many times.

Importing what a gate needs takes a second of processor time, as long as many a gate of one case.
Here one program imports it and waits; each run is a fork of it, with arguments, environment, folder
and output of its own, that ends as every program does (see `tests.forks`). A test of how the
program starts, or of its signals, starts the program itself.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import gc
import importlib
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from _pytest.config import default_plugins

from queueproof import paths
from queueproof.reporting import html
from queueproof.requirements import registry
from queueproof.running.strain import Strain, StrainMeter
from queueproof.stack.fork_client import SHARED
from queueproof.stack.fork_client import ForkServer as Server
from reference_impl.fast.fork_server import ForkServer
from tests.forks import ONE_AT_A_TIME, SHARED_REFERENCES, Fork, StartedServer, references

#: What runs import, and the packages all of whose modules they import.
_MODULES = (
    *("anyio._backends._asyncio", "httpcore", "hypothesis", "jinja2.ext", "sniffio"),
    *(f"_pytest.{plugin}" for plugin in default_plugins),
    "queueproof.pytest_plugin",
)
_PACKAGES = (
    *("cli", "running", "case_helpers", "checkers", "chaos", "faults", "reporting"),
    *("requirements", "stack", "targets", "processes", "executors", "config"),
)
#: For the environment of a run: its machine counts as calm, however busy it is.
CALM = {"TESTED_ON_A_CALM_MACHINE": "yes"}
#: Modules that are programs: they run when they are imported.
_PROGRAMS = (".component", "_player")


#: Where the program listens that serves all processes of a test run.
_SHARED_BY_TESTS = "FORK_SERVER_OF_TESTS"


class Preforked:
    """The program that waits, and the runs that are asked of it; started by the first, unless it
    listens `at` a path already.

    `sites` are folders with more distributions, found before all others.
    """

    def __init__(self, *sites: Path, at: str = "") -> None:
        places = os.pathsep.join(map(str, (*sites, paths.root())))
        self.own = Server(
            (sys.executable, "-m", "tests.preforked"),
            environment={**_bare_environment(), "PYTHONPATH": places},
        )
        self.server = StartedServer(at) if at else self.own

    def close(self) -> None:
        """End it, if it was started by a run here."""
        self.own.close()

    def run(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        timeout_s: float,
        folder: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as `subprocess.run` does.

        Raises subprocess.TimeoutExpired, and the command has ended then.
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            fork = self.start(
                arguments, environment=environment, out=out, errors=errors, folder=folder
            )
            try:
                code = fork.wait(timeout_s)
            except subprocess.TimeoutExpired:
                fork.give_up()
                fork.wait()
                raise
            said = [_text(sink) for sink in (out, errors)]
        return subprocess.CompletedProcess(list(arguments), code, *said)

    async def run_within(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        sink: IO[bytes],
        within_s: float,
    ) -> int | None:
        """Run a command to its end; its exit code, or None if it had to be ended."""
        fork = self.start(arguments, environment=environment, out=sink)
        try:
            async with asyncio.timeout(within_s):
                return await fork.ended()
        except TimeoutError:
            return None
        finally:
            with contextlib.suppress(OSError):  # it has ended by itself
                fork.give_up()
                await asyncio.shield(fork.ended())

    def start(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        out: IO[bytes],
        errors: IO[bytes] | None = None,
        folder: Path | None = None,
    ) -> Fork:
        """Start a command; what it starts of the references are forks, too."""
        given = {SHARED: references().path, **environment}
        return Fork(
            self.server, arguments, environment=given, out=out, errors=errors, folder=folder
        )


def _bare_environment() -> dict[str, str]:
    """Ours without what configures queueproof, or keeps Python from compiling a module once."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith("QUEUEPROOF_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept


def _text(sink: IO[bytes]) -> str:
    sink.seek(0)
    return sink.read().decode("utf-8", "replace")


def preforked() -> Preforked:
    """One for all of this test run; it ends with it."""
    with ONE_AT_A_TIME:
        return _made()


@functools.cache
def _made() -> Preforked:
    made = Preforked(at=os.environ.get(_SHARED_BY_TESTS, ""))
    atexit.register(made.close)
    return made


def share_servers() -> None:
    """Start them for the processes of a test run that are started from here.

    Each would import for itself what all of them fork.
    """
    os.environ[_SHARED_BY_TESTS] = preforked().server.path
    os.environ[SHARED_REFERENCES] = references().path


def _import_all() -> None:
    for name in _MODULES:
        importlib.import_module(name)
    for name in _PACKAGES:
        package = importlib.import_module(f"queueproof.{name}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith(_PROGRAMS):
                importlib.import_module(found.name)


def _prepare() -> None:
    """What every run would read and compile for itself."""
    registry.known_ids()
    templates = html._environment(paths.folder("reports") / "templates")
    for name in templates.list_templates(extensions=["j2"]):
        templates.get_template(name)


def _main() -> None:
    gc.disable()
    _import_all()
    _prepare()
    gc.freeze()
    gc.enable()
    listener = socket.socket(fileno=int(sys.argv[1]))
    ForkServer(listener, "queueproof", takes=lambda _: True).serve()
    tempfile.tempdir = None  # the order's environment says where
    if CALM.keys() <= os.environ.keys():
        StrainMeter.since = lambda *_: Strain()  # type: ignore[method-assign]
    from queueproof.cli.main import main

    main()


if __name__ == "__main__":
    _main()
