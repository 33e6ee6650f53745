"""The Dockerfile and the Compose files say what the programs in them understand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from queueproof.config.load import load_target
from reference_impl.flowise import settings as flowise
from reference_impl.langflow import settings as langflow

ROOT = Path(__file__).resolve().parents[2]
FILES = ("compose.yaml", "compose.flowise.yaml")


def composed(name: str) -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ROOT / name).read_text("utf-8"))["services"]
    return services


def test_the_image_is_not_roots() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    last_stage = text.rpartition("\nFROM ")[2]

    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last_stage, re.MULTILINE)
    assert 'ENTRYPOINT ["queueproof"]' in last_stage


@pytest.mark.parametrize("name", ["worker-1", "worker-2", "worker-3"])
def test_the_langflow_workers_settings_are_accepted(name: str) -> None:
    settings = langflow.load(composed("compose.yaml")[name]["environment"])

    assert settings.host == "0.0.0.0"
    assert settings.queue_type == "redis"


@pytest.mark.parametrize("name", ["server", "worker-1", "worker-2"])
def test_the_flowise_programs_settings_are_accepted(name: str) -> None:
    settings = flowise.load(composed("compose.flowise.yaml")[name]["environment"])

    assert settings.mode == "queue"
    assert settings.database_type == "postgres"


@pytest.mark.parametrize("file", FILES)
def test_the_gate_judges_what_is_there(file: str) -> None:
    """Every address of its target file is a service, and it can log in."""
    services = composed(file)
    gate = services["gate"]
    [mounted] = [volume for volume in gate["volumes"] if ":/target.toml" in volume]

    target = load_target(ROOT / mounted.partition(":")[0], gate["environment"])

    urls = (*target.urls, *target.worker_urls, target.redis_url)
    hosts = {urlsplit(url).hostname for url in urls}
    assert hosts <= services.keys()
    assert target.witness_host == gate["hostname"]
    assert target.credentials.username
    assert set(gate["depends_on"]) >= {name for name in services if name.startswith("worker-")}


def test_the_timings_are_those_that_the_workers_are_set_to() -> None:
    environment = composed("compose.yaml")["worker-1"]["environment"]
    settings = langflow.load(environment)
    timings = load_target(ROOT / "containers" / "langflow.toml", {}).timings

    assert timings.startup_grace_s == settings.startup_grace_s
    assert timings.stream_ttl_s == settings.ttl_s
    assert timings.cancel_marker_ttl_s == settings.cancel_marker_ttl_s
    assert timings.stale_threshold_s == settings.stale_threshold_s
    assert timings.watchdog_interval_s == settings.watchdog_interval_s
    assert timings.poll_hold_s >= settings.poll_hold_s


def test_every_worker_has_its_own_proxy_to_redis() -> None:
    """As the Toxiproxy is configured, the workers connect, and the chaos table names."""
    proxies = json.loads((ROOT / "containers" / "toxiproxy.json").read_text("utf-8"))
    listening = {proxy["name"]: proxy["listen"] for proxy in proxies}
    services = composed("compose.yaml")
    chaos = load_target(ROOT / "containers" / "langflow.toml", {}).chaos

    assert chaos is not None
    assert {proxy["upstream"] for proxy in proxies} == {"redis:6379"}
    for replica in chaos.replicas:
        worker = urlsplit(replica.url).hostname
        url = services[str(worker)]["environment"]["LANGFLOW_REDIS_QUEUE_URL"]
        assert urlsplit(url).netloc == listening[replica.proxy]
