"""Containers as an executor ends them, on a real engine; skipped with the reason where none is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.preforked import preforked

from ..containers.conftest import engine, images  # noqa: F401  (fixtures)
from ..deployments.judging import judge
from ..deployments.serving import LOGIN, TIMINGS, bare_environment
from .containers import PROJECT, SERVICE, Containers, bare_image, deployed

#: Cut off from Redis, killed, restarted in turn.
SCENARIOS = ("CHAOS-001", "CHAOS-041", "CHAOS-048")


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


def test_outages_strike_containers_and_their_way_to_redis(
    containers: Containers, tmp_path: Path
) -> None:
    """One is killed by name, all are restarted in turn, and one is cut off by its proxy."""
    file = tmp_path / "target.toml"
    timings = "\n".join(f"{name} = {value}" for name, value in TIMINGS.items())
    rows = "\n".join(
        f'[[chaos.replicas]]\nurl = "{url}"\nproxy = "{name}"\ninstance = "{name}"\n'
        for url, name in zip(containers.urls, containers.names, strict=True)
    )
    file.write_text(
        f'[target]\nredis_url = "{containers.redis_url}"\n{declared(containers)}\n'
        f'[chaos]\ntoxiproxy = "{containers.toxiproxy}"\n{rows}\n[timings]\n{timings}\n',
        "utf-8",
    )
    chosen = [word for name in SCENARIOS for word in ("--only", name)]
    run = preforked().run(
        ["chaos", "--config", str(file), *chosen, "--out", str(tmp_path / "out")],
        environment={**bare_environment(), **LOGIN},
        timeout_s=300,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    [path] = (tmp_path / "out").glob("*/report.json")
    report = path.read_text("utf-8")
    assert f"replica 0 (container {containers.names[0]}) " in report
    assert f"replica 1 (container {containers.names[1]}) takes no new connection" in report
    verdicts = {row["id"]: row["verdict"] for row in json.loads(report)["scenarios"]}
    assert verdicts == dict.fromkeys(SCENARIOS, "passed")
