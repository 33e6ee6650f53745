"""Starting the generator: locust, as a program of its own, with a spec instead of arguments."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from queueproof import paths
from queueproof.config.kinds import shown
from queueproof.errors import HarnessError, UsageError
from queueproof.extras import require
from queueproof.load.run_spec import RUN_SPEC_VARIABLE, RunSpec
from queueproof.stack.children import start_child, trusted_authorities
from queueproof.stack.ports import free_port

_LOG = "generator.log"
_LAST_CHARACTERS = 600
_STARTS_S = 60.0
_OTHERS_COME_S = 300


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
    require("load", "queueproof load")


def place(written: str, *, option: str) -> tuple[str, int]:
    """Host and port; raises UsageError."""
    host, _, port = written.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if not host.strip("[]") or not 0 < number < 65536:
        raise UsageError(
            f"{option} {shown(written)}: write it like 10.0.0.5:5557, with a port from 1 to 65535"
        )
    return host.strip("[]"), number


def join(host: str, port: int) -> int:
    """Be one generating process of the run that listens there; its exit code."""
    command = [*_program(), "--worker", "--master-host", host, "--master-port", str(port)]
    environment = {**os.environ, "PYTHONPATH": _python_path()}
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


async def generate(spec: RunSpec, ways: Ways) -> None:
    """Play the spec to its end; what was measured is then in its folder.

    Raises HarnessError when the generator ends with an error, or not at all.
    """
    folder = Path(spec.folder)
    with _nameless_file(spec.as_json()) as descriptor:
        environment = {
            RUN_SPEC_VARIABLE: f"/dev/fd/{descriptor}",
            "PYTHONPATH": _python_path(),
            **trusted_authorities(),
        }
        child = await start_child(
            _command(spec, ways),
            environment=environment,
            log=folder / _LOG,
            pass_fds=(descriptor,),
        )
        try:
            async with asyncio.timeout(_at_most_s(spec, ways)):
                await child.wait()
        except TimeoutError:
            raise HarnessError("the generator did not come to its end: a process is lost") from None
        finally:
            await child.stop()
    if child.exit_code:
        said = " / ".join(child.output.strip().splitlines()[-5:])[-_LAST_CHARACTERS:]
        raise HarnessError(f"the generator ended with {child.exit_code}: {said}")
    child.log.unlink(missing_ok=True)


def _at_most_s(spec: RunSpec, ways: Ways) -> float:
    """How long the whole may take when everything in it is as late as it may be."""
    longest_s = max(spec.lasts_at_most_s(errand) for errand in spec.errands)
    coming_s = _OTHERS_COME_S if ways.listen else 0.0
    return coming_s + spec.lasts_s + longest_s + _STARTS_S


def _program() -> list[str]:
    locustfile = paths.folder("load") / "locustfile.py"
    return [sys.executable, "-m", "locust", "-f", str(locustfile), "--loglevel", "WARNING"]


def _command(spec: RunSpec, ways: Ways) -> list[str]:
    command = [*_program(), "--users", str(spec.processes), "--spawn-rate", "100"]
    if ways.ui is None:
        command += ["--headless", "--only-summary"]
    else:
        host = ["--web-host", "127.0.0.1", "--web-port", str(ways.ui)]
        command += ["--autostart", *host]
    return command + _others(spec, ways)


def _others(spec: RunSpec, ways: Ways) -> list[str]:
    """How the generating processes find each other; nothing to say where there is but one."""
    if ways.listen is not None:
        host, port = ways.listen
        bind = ["--master-bind-host", host, "--master-bind-port", str(port)]
        wait = ["--expect-workers-max-wait", str(_OTHERS_COME_S)]
        return ["--master", "--expect-workers", str(spec.processes), *wait, *bind]
    if spec.processes == 1:
        return []
    port = free_port()
    bind = ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(port)]
    return ["--processes", str(spec.processes), "--master-port", str(port), *bind]


def _python_path() -> str:
    """Where the generator finds the room `load`, and the library as this process does."""
    places = [str(paths.root()), str(Path(__file__).resolve().parents[2])]
    return os.pathsep.join(dict.fromkeys([*places, os.environ.get("PYTHONPATH", "")])).strip(":")


@contextmanager
def _nameless_file(text: str) -> Iterator[int]:
    """The descriptor of a file that holds `text` and has no name in any folder.

    A spec holds a token: whatever ends this process, no file with it stays.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        file.seek(0)
        yield file.fileno()
