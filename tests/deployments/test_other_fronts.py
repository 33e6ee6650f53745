"""Fronts that break something for clients, or let nobody through: each is named, and what helps."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import Fronted
from .fronts import APACHE, SQUID
from .judging import judge
from .serving import Deployment
from .ways_in import Guard

_CACHED = "location /api/ { proxy_pass http://deployment; proxy_cache kept; proxy_cache_valid 5s; }"
_MAINTENANCE = 'default_type text/html; return 200 "<html><title>Back soon</title></html>";'


def test_a_front_that_keeps_lost_clients_to_itself_is_named(
    three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Apache holds its connection open when the client's is gone: what it costs is told of it."""
    url = fronted(APACHE, three_replicas)

    verdict = judge(url, folder=tmp_path / "gate", only=["POLL-002", "STRM-002", "CANC-010"])

    assert set(verdict.failed) == {"CANC-010"}, verdict
    assert {"POLL-002", "STRM-002"} <= set(verdict.verdicts("passed")), verdict
    seen = verdict.failed["CANC-010"]
    assert "something in front keeps its own open, as Apache" in seen
    assert "seen through a front that balances requests" in seen


def test_a_front_that_takes_the_credentials_away_is_told_before_any_case(
    three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    url = fronted(SQUID, three_replicas)

    verdict = judge(url, folder=tmp_path / "gate", only=["POLL-002"])

    assert verdict.exit_code == 2, verdict
    assert "keep the Authorization header to itself" in verdict.output


def test_a_front_that_answers_from_a_cache_is_named(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """nginx tells everybody what it was told once; no header shows it, but a question does."""
    _need_nginx()
    cache = f"proxy_cache_path {tmp_path}/kept keys_zone=kept:1m;"
    with Guard(server=_CACHED, http=cache).before(three_workers.ports, tmp_path / "front") as url:
        verdict = judge(url, folder=tmp_path / "gate", only=["POLL-002"])

    assert verdict.exit_code == 1, verdict
    assert "nginx" in verdict.failed["POLL-002"]
    assert "in front, which answers from a cache" in verdict.failed["POLL-002"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("client_max_body_size 1k;", "limits the size of a request"),
        (_MAINTENANCE, "a page: Back soon"),
        (
            "return 302 https://moved.test$request_uri;",
            "has it moved? Then give https://moved.test",
        ),
    ],
    ids=["body", "maintenance", "moved"],
)
def test_a_front_that_lets_no_job_through_is_told_before_any_case(
    how: str, said: str, three_workers: Deployment, tmp_path: Path
) -> None:
    _need_nginx()
    with Guard(how=how).before(three_workers.ports, tmp_path / "front") as url:
        verdict = judge(url, folder=tmp_path / "gate", only=["POLL-002"])

    assert verdict.exit_code == 4, verdict
    assert said in verdict.output


def test_large_events_need_no_large_request(three_workers: Deployment, tmp_path: Path) -> None:
    """nginx takes a mebibyte by its defaults: a job that says megabytes is smaller than that."""
    _need_nginx()
    with Guard().before(three_workers.ports, tmp_path / "front") as url:
        verdict = judge(url, folder=tmp_path / "gate", only=["SUBM-008"])

    assert verdict.exit_code == 0, verdict
    assert verdict.verdicts("passed") == ["SUBM-008"]


def _need_nginx() -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
