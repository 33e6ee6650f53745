"""Three replicas of one worker each, behind whatever hands out their clients' requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Fronted
from .fronts import (
    CADDY,
    HAPROXY_HTTP,
    HAPROXY_STICKY,
    HAPROXY_TCP,
    NGINX_IP_HASH,
    NGINX_KEEPALIVE,
    NGINX_STREAM,
    Front,
)
from .judging import judge
from .serving import HEADER, Deployment

BY_HEADER = f'worker_header = "{HEADER}"'
#: One that crosses workers, one that reads every worker's counters, one that needs neither.
ASKED = ("POLL-003", "MONI-004", "POLL-002")


@pytest.mark.parametrize(
    ("front", "target"),
    [
        pytest.param(HAPROXY_TCP, "", id="haproxy-tcp-monitor"),
        pytest.param(NGINX_STREAM, BY_HEADER, id="nginx-stream-header"),
        pytest.param(HAPROXY_STICKY, "", id="haproxy-sticky-monitor"),
        pytest.param(HAPROXY_STICKY, BY_HEADER, id="haproxy-sticky-header"),
    ],
)
def test_where_a_connection_or_a_cookie_keeps_to_a_replica_each_is_judged(
    front: Front, target: str, three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """As good as no front: three workers, and everything that is asked of them passes."""
    url = fronted(front, three_replicas)

    verdict = judge(url, folder=tmp_path / "gate", only=ASKED, target=target)

    assert verdict.exit_code == 0, verdict
    assert sorted(verdict.verdicts("passed")) == sorted(ASKED)
    assert verdict.report["target"]["workers"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("front", "target"),
    [
        pytest.param(NGINX_KEEPALIVE, "", id="nginx-monitor"),
        pytest.param(HAPROXY_HTTP, BY_HEADER, id="haproxy-http-header"),
        pytest.param(CADDY, BY_HEADER, id="caddy-header"),
    ],
)
def test_where_requests_are_balanced_what_needs_no_known_worker_is_judged(
    front: Front, target: str, three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Counters of one worker are not assessed, for that reason; nothing is accused."""
    url = fronted(front, three_replicas)

    verdict = judge(url, folder=tmp_path / "gate", only=["MONI-004", "POLL-002"], target=target)

    assert verdict.exit_code == 0, verdict
    assert verdict.verdicts("passed") == ["POLL-002"]
    assert verdict.verdicts("not_assessed") == ["MONI-004"]
    assert "a front balances every request" in verdict.notes


@pytest.mark.parametrize("target", ["", BY_HEADER], ids=["monitor", "header"])
def test_where_an_address_keeps_to_a_replica_the_others_are_out_of_reach(
    target: str, three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """One worker is all that one client sees: what takes two is not assessed, and says so."""
    url = fronted(NGINX_IP_HASH, three_replicas)

    verdict = judge(url, folder=tmp_path / "gate", only=ASKED, target=target)

    assert verdict.exit_code == 0, verdict
    assert verdict.verdicts("passed") == ["POLL-002"]
    assert set(verdict.verdicts("not_assessed")) == {"MONI-004", "POLL-003"}
    assert any("2 workers" in reason for reason in verdict.reasons("not_assessed")), verdict
