"""A good system is accused of nothing through whatever stands in front of it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from .conftest import Fronted
from .fronts import CADDY, HAPROXY_HTTP, HAPROXY_TCP, NGINX_DEFAULT, NGINX_KEEPALIVE, Front
from .judging import judge
from .serving import HEADER, Deployment, serving

BY_HEADER = f'worker_header = "{HEADER}"'
# One that polls across workers, one that reads every worker's counters, one that anybody may ask.
ASKED = ("POLL-003", "MONI-004", "MONI-010", "POLL-002")


@pytest.mark.parametrize("target", ["", BY_HEADER], ids=["monitor", "header"])
@pytest.mark.parametrize(
    "front", [NGINX_KEEPALIVE, HAPROXY_HTTP, CADDY], ids=lambda front: front.program
)
def test_where_requests_are_balanced_nothing_is_said_of_single_workers(
    front: Front, target: str, three_workers: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """What needs a known worker is not assessed, for the true reason; nothing is accused."""
    url = fronted(front, three_workers)

    verdict = judge(url, folder=tmp_path / "gate", only=ASKED, target=target)

    assert verdict.exit_code == 0, verdict
    assert "POLL-002" in verdict.verdicts("passed")
    assert {"MONI-004", "MONI-010"} <= set(verdict.verdicts("not_assessed"))
    reasons = verdict.reasons("not_assessed")
    assert all("a front balances every request" in reason for reason in reasons), reasons
    assert all("balance connections (TCP)" in reason for reason in reasons), reasons
    assert "a front balances every request" in verdict.notes


def test_where_connections_are_balanced_every_worker_is_judged(
    three_workers: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """A front that hands out connections is as good as none."""
    url = fronted(HAPROXY_TCP, three_workers)

    verdict = judge(url, folder=tmp_path / "gate", only=ASKED)

    assert verdict.exit_code == 0, verdict
    assert sorted(verdict.verdicts("passed")) == sorted(ASKED)
    assert verdict.report["target"]["workers"] == ["a", "b", "c"]


def test_a_front_that_buffers_streams_fails_the_promise_that_it_breaks_and_is_named(
    three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """nginx by its defaults: what clients get is broken, and the failure says by what."""
    url = fronted(NGINX_DEFAULT, three_replicas)

    verdict = judge(url, folder=tmp_path / "gate", only=["STRM-011", "STRM-002", "POLL-002"])

    assert verdict.exit_code == 1, verdict
    assert list(verdict.failed) == ["STRM-011"]
    assert "all events came in one piece: something in front buffers" in verdict.failed["STRM-011"]


def test_two_urls_of_three_workers_each_are_six_workers(tmp_path: Path) -> None:
    """A URL is not taken for a worker; counters are each worker's own."""
    with serving(tmp_path, replicas=2, workers=3) as deployment:
        verdict = judge(*deployment.urls, folder=tmp_path / "gate", only=["MONI-004", "POLL-003"])

    assert verdict.exit_code == 0, verdict
    assert verdict.report["target"]["workers"] == list("abcdef")
    assert "told apart by: monitor counters" in verdict.notes


def test_a_process_root_behind_a_front_gives_place_to_the_next_way(
    three_workers: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """As behind a container's published port: the report says why it was of no use."""
    url = fronted(HAPROXY_TCP, three_workers)
    root = f"process_root = {three_workers.replicas[0].process.pid}"

    verdict = judge(url, folder=tmp_path / "gate", only=["POLL-003"], target=root)

    assert verdict.exit_code == 0, verdict
    assert "told apart by: monitor counters (not by process table" in verdict.notes
    assert "published port" in verdict.notes


def test_workers_that_are_declared_and_missing_are_never_exit_code_0(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """Whatever else holds."""
    url = three_workers.urls[0]

    verdict = judge(url, folder=tmp_path / "gate", only=["POLL-002"], target="workers = 5")

    assert verdict.exit_code == 3, verdict
    assert verdict.verdicts("passed") == ["POLL-002"]
    assert "5 workers are declared, 3 found" in verdict.notes


def test_one_url_that_refuses_does_not_end_the_run(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """The other one serves: it is judged, and the report names the one that does not."""
    urls = ("http://127.0.0.1:9", *three_workers.urls)

    verdict = judge(*urls, folder=tmp_path / "gate", only=["POLL-002", "POLL-003"])

    assert verdict.exit_code == 3, verdict
    assert {"POLL-002", "POLL-003"} == set(verdict.verdicts("passed"))
    assert "http://127.0.0.1:9 refuses connections" in verdict.notes


def test_one_url_that_takes_connections_and_never_answers_does_not_end_the_run(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """As of a replica that hangs: the others are judged, and the report names it."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = f"http://127.0.0.1:{mute.getsockname()[1]}"
        urls = (silent, *three_workers.urls)
        verdict = judge(*urls, folder=tmp_path / "gate", only=["POLL-002", "POLL-003"])

    assert verdict.exit_code == 3, verdict
    assert {"POLL-002", "POLL-003"} == set(verdict.verdicts("passed"))
    assert f"{silent} takes connections and does not answer" in verdict.notes


def test_urls_of_two_deployments_are_told_apart_before_any_case(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """Each would be accused of not knowing what the other one was told."""
    with serving(tmp_path, replicas=1, workers=1) as other:
        urls = (*three_workers.urls, *other.urls)
        verdict = judge(*urls, folder=tmp_path / "gate", only=["POLL-002", "POLL-003"])

    assert verdict.exit_code == 4, verdict
    assert f"{other.urls[0]} does not know the token" in verdict.output
