"""Outages on a deployment that is not simply open: clients, watchers and replays are let in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from queueproof.stack.certificates import Certificates, make_certificates
from tests.preforked import preforked

from .serving import HEADER, LOGIN, PASSWORD, TIMINGS, Deployment, bare_environment, serving
from .test_ways_in import expect_kept
from .ways_in import ForwardProxy, basic_auth, with_tls

STAGING = "staging:s3cret-of-the-front"
#: Every pub/sub connection of Redis is killed: that needs neither proxies nor processes.
OUTAGE = "CHAOS-029"


@pytest.fixture(scope="module")
def two_replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Two servers of one worker each, on one Redis that may be disturbed."""
    with serving(tmp_path_factory.mktemp("replicas"), replicas=2, workers=1) as deployment:
        yield deployment


@dataclass(frozen=True)
class Played:
    """A chaos run that has ended: its exit code, what it printed, its folder."""

    exit_code: int
    output: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        """Its report."""
        [path] = self.folder.glob("*/report.json")
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found


def played(file: Path, out: Path, *options: str, environment: dict[str, str]) -> Played:
    done = preforked().run(
        ["chaos", "--config", str(file), *options, "--out", str(out)],
        environment={**bare_environment(), **environment},
        timeout_s=400,
    )
    return Played(done.returncode, done.stdout + done.stderr, out)


def described(path: Path, *urls: str, redis_url: str, target: str = "") -> Path:
    """A target file in which every request has the front's own authorization."""
    timings = "\n".join(f"{name} = {value}" for name, value in TIMINGS.items())
    path.write_text(
        f"[target]\nurls = {json.dumps(urls)}\ndisposable = true\nredis_url = '{redis_url}'\n"
        f'worker_header = "{HEADER}"\n{target}\n'
        'headers = {Authorization = "Basic {base64:FRONT_LOGIN}"}\n'
        f"[timings]\n{timings}\n",
        "utf-8",
    )
    return path


def api_key(url: str) -> str:
    """A superuser's, made as users make them."""
    with httpx.Client(base_url=url, trust_env=False) as http:
        form = {"username": "admin", "password": PASSWORD}
        token = http.post("/api/v1/login", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return str(http.post("/api/v1/api_key/", json={}, headers=headers).json()["api_key"])


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A private authority's."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_an_outage_and_its_replay_go_the_way_in_that_is_declared(
    two_replicas: Deployment, certificates: Certificates, tmp_path: Path
) -> None:
    """TLS of a private authority, basic authentication in front, an API key behind it, and an
    HTTP proxy on the way; no secret is in any file.
    """
    key = api_key(two_replicas.urls[0])
    proxy = ForwardProxy()
    with ExitStack() as running:
        urls = []
        for number, port in enumerate(two_replicas.ports):
            folder = tmp_path / f"front-{number}"
            guard = replace(with_tls(certificates), how=basic_auth(folder, STAGING).how)
            urls.append(running.enter_context(guard.before([port], folder)))
        address = running.enter_context(proxy.running())
        file = described(
            tmp_path / "target.toml",
            *urls,
            redis_url=two_replicas.redis_url,
            target=f'ca = "{certificates.authority}"\nproxy = "{address}"',
        )
        environment = {"QUEUEPROOF_API_KEY": key, "FRONT_LOGIN": STAGING}

        first = played(file, tmp_path / "out", "--only", OUTAGE, environment=environment)
        assert first.exit_code == 0, first.output
        [schedule] = first.folder.glob(f"*/schedules/{OUTAGE}.json")
        again = played(file, tmp_path / "again", "--replay", str(schedule), environment=environment)

    # What did not fail cannot be fixed: it is said so once its jobs were played as before.
    assert again.exit_code == 3, again.output
    assert "the schedule records no failure" in " ".join(again.output.split())
    for run in (first, again):
        for scenario in run.report["scenarios"]:
            assert scenario["verdict"] == "passed", run.output
            assert scenario["confirmation"], run.output
        expect_kept(run.folder, key, STAGING, STAGING.partition(":")[2])
    assert {line.split()[0] for line in proxy.seen} == {"CONNECT"}


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_a_front_that_lets_nobody_in_ends_the_run_with_what_to_do(
    two_replicas: Deployment, tmp_path: Path
) -> None:
    """Nothing is disturbed, and nobody is accused."""
    with basic_auth(tmp_path / "front", STAGING).before(
        two_replicas.ports, tmp_path / "front"
    ) as url:
        file = described(tmp_path / "target.toml", url, redis_url=two_replicas.redis_url)

        shut = played(
            file,
            tmp_path / "out",
            *("--only", OUTAGE),
            environment={**LOGIN, "FRONT_LOGIN": "staging:another"},
        )

    assert shut.exit_code == 4, shut.output
    assert "something in front wants a login" in " ".join(shut.output.split())
