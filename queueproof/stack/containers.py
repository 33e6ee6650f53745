"""Redis and Toxiproxy in containers, for machines that have an engine rather than the programs.

A container stands in for a program: started with the same arguments, on the machine's own network,
so that everything else (addresses, faults, healing) is as it is with local programs. It runs as the
user who runs queueproof, and sees of the machine's files the temporary folder alone.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from queueproof.errors import UsageError

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

REDIS_IMAGE_VARIABLE = "QUEUEPROOF_REDIS_IMAGE"
TOXIPROXY_IMAGE_VARIABLE = "QUEUEPROOF_TOXIPROXY_IMAGE"
_IMAGES = {
    REDIS_IMAGE_VARIABLE: "redis:8",
    TOXIPROXY_IMAGE_VARIABLE: "ghcr.io/shopify/toxiproxy:2.12.0",
}


def image_named(variable: str) -> str:
    """The image that a variable of the environment chooses, or the usual one."""
    return os.environ.get(variable) or _IMAGES[variable]


def require_engine() -> None:
    """Raise UsageError, with what to do, unless a container engine answers."""
    try:
        import docker
        import testcontainers.core.container  # noqa: F401
    except ImportError:
        raise UsageError(
            "--stack containers needs testcontainers: pip install 'queueproof[containers]'"
        ) from None
    trouble = ""
    with warnings.catch_warnings():
        # A client that finds nobody leaves its socket to the collector, which complains of it.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            client = docker.from_env()
            client.ping()
            client.close()
        except docker.errors.DockerException as error:
            trouble = str(error)[:120]
        gc.collect()
    if trouble:
        raise UsageError(
            f"--stack containers: no engine answers ({trouble}); start Docker, set DOCKER_HOST, "
            "or use --stack local"
        )


class ContainerStarter:
    """Starts programs of one image; `entrypoint` replaces the image's own."""

    def __init__(self, variable: str, *, entrypoint: str = "") -> None:
        self._variable = variable
        self._entrypoint = entrypoint

    async def __call__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
    ) -> ContainerProgram:
        """Start it; `command[0]` is the program's name, the rest its arguments.

        Raises UsageError for an image that cannot be had.
        """
        return await asyncio.to_thread(self._start, tuple(command[1:]), environment, log)

    def _start(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path
    ) -> ContainerProgram:
        import docker
        from testcontainers.core.container import DockerContainer

        image = image_named(self._variable)
        log.parent.mkdir(parents=True, exist_ok=True)
        container = DockerContainer(image).with_command(list(arguments))
        container.with_envs(**environment).with_kwargs(**self._options())
        temporary = tempfile.gettempdir()
        container.with_volume_mapping(temporary, temporary, "ro")
        container.with_volume_mapping(str(log.parent), str(log.parent), "rw")
        try:
            container.start()
        except docker.errors.DockerException as error:
            raise UsageError(
                f"--stack containers: {image} does not start ({str(error)[:200]}); pull it, or "
                f"name another image in {self._variable}"
            ) from None
        return ContainerProgram(container, log)

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "network_mode": "host",
            "user": f"{os.getuid()}:{os.getgid()}",
            "cap_drop": ["ALL"],
        }
        return {**options, "entrypoint": [self._entrypoint]} if self._entrypoint else options


class ContainerProgram:
    """One running container, as a started program."""

    def __init__(self, container: DockerContainer, log: Path) -> None:
        self._container = container
        self._engines = container.get_wrapped_container()
        self._engines.reload()
        self._last = ""
        self._ended: int | None = None
        self.log = log
        self.pid = int(self._engines.attrs["State"]["Pid"])

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        if self._ended is None:
            self._engines.reload()
            state = self._engines.attrs["State"]
            self._ended = None if state["Running"] else int(state["ExitCode"])
        return self._ended

    @property
    def output(self) -> str:
        """Everything it has printed so far."""
        return self._last or bytes(self._engines.logs()).decode("utf-8", "replace")

    async def wait(self) -> int:
        """Wait for its end."""
        answer = await asyncio.to_thread(self._engines.wait)
        return int(answer["StatusCode"])

    async def stop(self, *, grace_s: float = 8.0) -> None:
        """End it, politely, then not, and remove it."""
        await asyncio.to_thread(self._stop, grace_s)

    def _stop(self, grace_s: float) -> None:
        import docker

        # It may end by itself at any moment, and is not to be told then.
        with suppress(docker.errors.APIError):
            if self.exit_code is None:
                # A frozen program cannot even be told to end.
                self._engines.kill(signal="SIGCONT")
                if grace_s:
                    self._engines.stop(timeout=max(1, round(grace_s)))
                else:
                    self._kill()
        self._last = self.output
        self._ended = self.exit_code or 0
        self._container.stop()

    def _kill(self) -> None:
        self._engines.kill()
        self._engines.wait()
