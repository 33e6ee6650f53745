"""Containers as an executor ends them, on a real engine; skipped with the reason where none is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..containers.conftest import engine, images  # noqa: F401  (fixtures)
from ..deployments.judging import judge
from ..deployments.serving import LOGIN, TIMINGS, bare_environment
from .containers import PROJECT, SERVICE, Containers, bare_image, deployed


@pytest.fixture(scope="module")
def containers(
    images: None,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Containers]:
    """Two replicas of the reference, each in a container with an address of its own."""
    import docker

    client: Any = docker.from_env(timeout=120)
    try:
        bare_image(client)
        with deployed(client, tmp_path_factory.mktemp("shop")) as made:
            yield made
    finally:
        client.close()


def declared(containers: Containers) -> str:
    return (
        f'disposable = true\nwitness_host = "{containers.gateway}"\n\n'
        f'[executor]\nkind = "docker"\nservice = "{SERVICE}"\nproject = "{PROJECT}"\n'
    )


def test_a_gate_kills_stops_and_freezes_containers(containers: Containers, tmp_path: Path) -> None:
    """Of a Compose service, by where they serve; what an engine cannot do is not assessed."""
    wanted = [f"LIFE-0{number}" for number in ("01", "02", "03", "04", "11")]

    verdict = judge(
        *containers.urls,
        folder=tmp_path,
        only=wanted,
        target=declared(containers),
        timings={**TIMINGS, "stream_ttl_s": 60},
    )

    assert verdict.verdicts("passed") == ["LIFE-001", "LIFE-003", "LIFE-004", "LIFE-011"], verdict
    assert verdict.verdicts("not_assessed") == ["LIFE-002"], verdict
    assert "the executor cannot replace by itself a container" in str(
        verdict.reasons("not_assessed")
    )


def test_an_outage_kills_a_container_by_name_and_says_so(
    containers: Containers, tmp_path: Path
) -> None:
    file = tmp_path / "target.toml"
    timings = "\n".join(f"{name} = {value}" for name, value in TIMINGS.items())
    file.write_text(
        f"[target]\nurls = {json.dumps(containers.urls)}\n{declared(containers)}\n"
        f"[timings]\n{timings}\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "queueproof", "chaos", "--config", str(file)]
    run = subprocess.run(
        [*command, "--only", "CHAOS-041", "--only", "CHAOS-042", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=300,
        env={**bare_environment(), **LOGIN},
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    [report] = (tmp_path / "out").glob("*/report.json")
    assert f"replica 0 (container {containers.names[0]}) " in report.read_text("utf-8")
