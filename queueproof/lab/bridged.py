"""Queue libraries in the lab: a bridge's front and worker programs on an installed library.

What every bridge has in common is here; a recipe adds the library's worker command and settings.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from queueproof import paths
from queueproof.config.mapping import JobMapping, load_mapping
from queueproof.errors import UsageError
from queueproof.input_files import read_toml
from queueproof.lab.recipe import Recipe
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import find_redis_binary

#: Where a visit's bridge finds its own Redis, which no outage touches.
_OWN_PORT = "QUEUEPROOF_BRIDGE_PORT"
_READY_S = 10.0
_BRIDGES_MAPPING = "bridges/mapping.toml"
_FRONT = (
    *("{installed}/bin/python", "-m", "uvicorn", "bridges.front:app"),
    *("--host", "127.0.0.1", "--port", "{port}", "--no-access-log"),
)


def mapping_of(recipe: Recipe) -> JobMapping:
    """The recipe's own mapping, or that of the job API that every bridge speaks, as far as the
    system has the means.
    """
    path = paths.root() / (recipe.mapping or _BRIDGES_MAPPING)
    tables = read_toml(path, what="mapping")["mapping"]
    given = {name: table for name, table in tables.items() if name not in recipe.without}
    return load_mapping(given, where=f"{path}, [mapping]")


def launch_of(recipe: Recipe) -> dict[str, Any]:
    """The recipe's launch table with what every bridge needs below what it says itself."""
    common = {
        "PATH": "{installed}/bin:" + os.environ.get("PATH", ""),
        "HOME": "{data}",
        "PYTHONPATH": str(paths.root()),
        "PYTHONUNBUFFERED": "1",
        "BRIDGE_LIBRARY": recipe.bridge,
        "BRIDGE_QUEUE_URL": "redis://127.0.0.1:{redis_port}/0",
        "BRIDGE_OWN_URL": f"redis://127.0.0.1:{os.environ.get(_OWN_PORT, '6380')}/0",
    }
    environment = {**common, **recipe.launch.get("environment", {})}
    return {"command": _FRONT, **recipe.launch, "environment": environment}


@contextmanager
def own_redis(recipe: Recipe) -> Iterator[None]:
    """The bridge's own Redis, for as long as the visit; none for a system without a bridge.

    Raises UsageError when it does not serve.
    """
    if not recipe.bridge:
        yield
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="queueproof-bridge-") as folder:
        words = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder)
        with (Path(folder) / "redis.log").open("wb") as log:
            server = subprocess.Popen(  # noqa: S603  (a Redis server found on the machine)
                [find_redis_binary(), *words], stdout=log, stderr=log, start_new_session=True
            )
        try:
            _expect_ready(port)
            os.environ[_OWN_PORT] = str(port)
            yield
        finally:
            os.environ.pop(_OWN_PORT, None)
            server.terminate()
            server.wait()


def _expect_ready(port: int) -> None:
    until_s = time.monotonic() + _READY_S
    with Redis(port=port) as client:
        while time.monotonic() < until_s:
            try:
                client.ping()
            except RedisError:
                time.sleep(0.05)
            else:
                return
    raise UsageError("the bridge's own Redis does not serve")
