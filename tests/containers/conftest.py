"""Images made of this machine's own programs, so that a real engine is tried without a registry."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from queueproof.errors import UsageError
from queueproof.stack.containers import (
    REDIS_IMAGE_VARIABLE,
    TOXIPROXY_IMAGE_VARIABLE,
    require_engine,
)
from queueproof.stack.toxiproxy_binary import find_toxiproxy

REDIS_IMAGE = "queueproof-test-redis:local"
TOXIPROXY_IMAGE = "queueproof-test-toxiproxy:local"


def libraries(program: str) -> list[str]:
    """The shared libraries that a program wants, with its loader."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", told.stdout)


def image_of(name: str, program: str, place: str) -> None:
    """Import an image that holds a program at `place`, what it links to, and nothing else."""
    import docker

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(Path(program).resolve(), place, recursive=False)
        for library in libraries(program):
            tar.add(Path(library).resolve(), library)
    repository, tag = name.split(":")
    client = docker.from_env()
    try:
        changes = [f'ENTRYPOINT ["{place}"]']
        client.api.import_image_from_data(
            archive.getvalue(), repository=repository, tag=tag, changes=changes
        )
    finally:
        client.close()


@pytest.fixture(scope="session")
def engine() -> None:
    """An engine that answers; without one there is nothing to try it on."""
    try:
        require_engine()
    except UsageError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def images(engine: None) -> None:
    """Both images, from the programs found here."""
    redis = shutil.which("redis-server")
    if redis is None:
        pytest.skip("no redis-server on this machine to make an image of")
    try:
        toxiproxy = find_toxiproxy(build=False)
    except UsageError as error:
        pytest.skip(str(error))
    image_of(REDIS_IMAGE, redis, "/usr/bin/redis-server")
    image_of(TOXIPROXY_IMAGE, toxiproxy, "/toxiproxy")


@pytest.fixture
def container_environment(images: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment in which these images are used, without the reaper, which is not here."""
    monkeypatch.setenv(REDIS_IMAGE_VARIABLE, REDIS_IMAGE)
    monkeypatch.setenv(TOXIPROXY_IMAGE_VARIABLE, TOXIPROXY_IMAGE)
    monkeypatch.setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
