"""The gate as the page on Compose adds it to a project: a container beside those that it kills.

Compose itself is not here: what the page's override says is done by the engine's API.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..containers.conftest import engine, images  # noqa: F401  (fixtures)
from ..deployments.serving import LOGIN, TIMINGS
from .containers import BARE_IMAGE, PROJECT, ROOT, Containers, bare_image, deployed, mounts

PAGE = (ROOT / "docs/langflow-compose.md").read_text("utf-8")
NETWORK = f"{PROJECT}_default"


def shown(title: str) -> list[str]:
    """Every block of the page with this title, in order."""
    return re.findall(rf'^```\w+ title="{title}"\n(.*?)^```', PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def client(images: None) -> Iterator[Any]:  # noqa: F811
    """The engine, with a network on which containers know each other by name."""
    import docker

    made = docker.from_env(timeout=120)
    network = made.networks.create(NETWORK)
    try:
        bare_image(made)
        yield made
    finally:
        network.remove()
        made.close()


@pytest.fixture(scope="module")
def project(client: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """Two containers of a service that is not ours."""
    with deployed(client, tmp_path_factory.mktemp("project"), network=NETWORK) as made:
        yield made


def test_a_gate_in_the_project_kills_its_containers_and_not_itself(
    client: Any, project: Containers, tmp_path: Path
) -> None:
    first, second = [
        yaml.safe_load(text)["services"]["gate"] for text in shown("compose.queueproof.yaml")
    ]
    target = tmp_path / "target.toml"
    text = shown("target.toml")[-1].replace("my-project", PROJECT)
    assert tomllib.loads(text)["target"]["witness_host"] == first["hostname"]
    timings = "\n".join(f"{name} = {value}" for name, value in TIMINGS.items())
    target.write_text(f"{text}\n[timings]\n{timings}\n", "utf-8")
    out = tmp_path / "reports"
    out.mkdir()
    here = {"./target.toml": target, "./queueproof-reports": out}
    binds = {**mounts(tmp_path), str(socket_of_the_engine()): second["volumes"][0].split(":")[1]}
    volumes = [
        f"{place}:{bind['bind']}:{bind['mode']}" if isinstance(bind, dict) else f"{place}:{bind}"
        for place, bind in binds.items()
    ]
    for volume in first["volumes"]:
        place, _, rest = volume.partition(":")
        volumes.append(f"{here[place]}:{rest}")
    assert set(LOGIN) <= set(first["environment"])

    gate = client.containers.run(
        BARE_IMAGE,
        [sys.executable, "-m", "queueproof", *first["command"], "--only", "LIFE-001"],
        hostname=first["hostname"],
        environment={**LOGIN, "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/tmp"},
        volumes=volumes,
        working_dir=str(ROOT),
        network=NETWORK,
        detach=True,
    )
    try:
        code = gate.wait(timeout=250)["StatusCode"]
        said = gate.logs().decode("utf-8", "replace")
    finally:
        gate.remove(force=True)

    assert code == 0, said
    [path] = out.glob("*/report.json")
    rows = {
        row["id"]: row["verdict"] for row in json.loads(path.read_text("utf-8"))["requirements"]
    }
    assert rows["LIFE-001"] == "passed"


def socket_of_the_engine() -> Path:
    """Where this machine's engine listens."""
    host = os.environ.get("DOCKER_HOST", "")
    return Path(host.removeprefix("unix://") or "/var/run/docker.sock")
