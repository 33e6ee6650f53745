"""Containers of the reference on a real engine: an image of nothing, with this machine's own Python
and libraries mounted into it, so that nothing is pulled or copied.
"""

from __future__ import annotations

import io
import os
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.readiness import answers

from ..containers.conftest import REDIS_IMAGE, TOXIPROXY_IMAGE
from ..deployments.serving import HEADER, SETTINGS, until

ROOT = Path(__file__).resolve().parents[2]
BARE_IMAGE = "queueproof-test-bare:local"
PROJECT, SERVICE = "queueproof-test-shop", "langflow"
PORT = 7860
_FIRST_PROXY = 26300
_READY_S = 120.0
_LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/sbin"}


@dataclass(frozen=True)
class Containers:
    """Replicas in containers with addresses of their own, Redis in another, and a Toxiproxy between
    with a proxy for each, which is called as the container is.
    """

    names: tuple[str, ...]
    urls: tuple[str, ...]
    redis_url: str
    toxiproxy: str
    gateway: str


def bare_image(client: Any) -> None:
    """An image that holds nothing but the links that programs expect."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, target in _LINKS.items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
        for name in ("tmp", "usr", "etc"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o777
            tar.addfile(folder)
        words = b"root:x:0:0:root:/tmp:/bin/sh\n"
        passwd = tarfile.TarInfo("etc/passwd")
        passwd.size = len(words)
        tar.addfile(passwd, io.BytesIO(words))
    repository, tag = BARE_IMAGE.split(":")
    client.api.import_image_from_data(archive.getvalue(), repository=repository, tag=tag)


@contextmanager
def deployed(
    client: Any, folder: Path, *, replicas: int = 2, network: str = "bridge"
) -> Iterator[Containers]:
    """Redis and replicas as a Compose project would have them; all are removed afterwards."""
    started: list[Any] = []
    try:
        redis = client.containers.run(
            REDIS_IMAGE,
            ["--bind", "0.0.0.0", "--protected-mode", "no"],
            detach=True,
            network=network,
        )
        started.append(redis)
        toxiproxy = client.containers.run(
            TOXIPROXY_IMAGE, ["-host", "0.0.0.0", "-proxy-metrics"], detach=True, network=network
        )
        started.append(toxiproxy)
        api = f"http://{_address(toxiproxy)}:8474"
        assert until(lambda: answers(f"{api}/version"), within_s=_READY_S)
        names, urls = [], []
        for number in range(1, replicas + 1):  # the first one makes the database
            name = f"{PROJECT}-{SERVICE}-{number}"
            proxy = {
                "name": name,
                "listen": f"0.0.0.0:{_FIRST_PROXY + number}",
                "upstream": f"{_address(redis)}:6379",
            }
            httpx.post(f"{api}/proxies", json=proxy, trust_env=False).raise_for_status()
            way = f"redis://{_address(toxiproxy)}:{_FIRST_PROXY + number}/1"
            one = client.containers.run(
                BARE_IMAGE,
                [sys.executable, "-m", "reference_impl", "langflow", "--host", "0.0.0.0"],
                name=name,
                network=network,
                detach=True,
                environment=_settings(folder, way, name),
                volumes=mounts(folder),
                working_dir=str(ROOT),
                labels={
                    "com.docker.compose.project": PROJECT,
                    "com.docker.compose.service": SERVICE,
                },
            )
            started.append(one)
            names.append(name)
            urls.append(f"http://{_address(one)}:{PORT}")
            serves = until(lambda url=urls[-1]: answers(f"{url}/health"), within_s=_READY_S)
            assert serves, one.logs().decode("utf-8", "replace")
        redis_url = f"redis://{_address(redis)}:6379/1"
        yield Containers(tuple(names), tuple(urls), redis_url, api, _gateway(redis))
    finally:
        for one in reversed(started):
            one.remove(force=True, v=True)


def _settings(folder: Path, redis_url: str, name: str) -> Mapping[str, str]:
    return {
        **SETTINGS,
        "LANGFLOW_WORKERS": "1",
        "LANGFLOW_REDIS_QUEUE_TTL": "60",
        "LANGFLOW_REDIS_QUEUE_URL": redis_url,
        "LANGFLOW_CONFIG_DIR": str(folder),
        "LANGFLOW_DATABASE_URL": f"sqlite:///{folder}/shared.db",
        "REFERENCE_WORKER_HEADER": HEADER,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOSTNAME": name,
    }


def mounts(folder: Path) -> dict[str, dict[str, str]]:
    """What Python needs of this machine, to be read; the data, to be written."""
    places = {"/usr", str(ROOT), sys.prefix, os.path.realpath(sys.base_prefix), sys.base_prefix}
    mounts = {place: {"bind": place, "mode": "ro"} for place in sorted(places)}
    return {**mounts, str(folder): {"bind": str(folder), "mode": "rw"}}


def _address(container: Any) -> str:
    return str(_network(container)["IPAddress"])


def _gateway(container: Any) -> str:
    return str(_network(container)["Gateway"])


def _network(container: Any) -> Mapping[str, Any]:
    container.reload()
    networks: Mapping[str, Mapping[str, Any]] = container.attrs["NetworkSettings"]["Networks"]
    return next(iter(networks.values()))
