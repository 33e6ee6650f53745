"""Good systems of the other contracts are accused of nothing through whatever stands in front."""

from __future__ import annotations

from pathlib import Path

import pytest

from queueproof.stack.certificates import make_certificates
from queueproof.stack.ports import free_port

from .conftest import Fronted
from .fronts import CADDY, HAPROXY_HTTP, HAPROXY_TCP, NGINX_DEFAULT, NGINX_KEEPALIVE, Front
from .judging import judge_as_described
from .serving import Deployment
from .ways_in import Guard, with_tls

#: A result and the database, a stream as it comes, an abort, the dashboard, a login.
OF_PREDICTIONS = ("PRED-003", "LIVE-001", "LIVE-002", "ABRT-001", "DASH-001", "CONF-011")
#: Every front's readers of every other one's jobs; a cancel, a status, another user.
OF_A_QUEUE = ("STRM-001", "STRM-011", "POLL-003", "CANC-003", "STAT-001", "ACCS-008")


@pytest.mark.parametrize(
    "front", [NGINX_DEFAULT, NGINX_KEEPALIVE, HAPROXY_HTTP, HAPROXY_TCP, CADDY], ids=str
)
def test_predictions_pass_through_every_front(
    front: Front, predictions: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    url = fronted(front, predictions)

    verdict = judge_as_described(predictions, url, folder=tmp_path / "gate", only=OF_PREDICTIONS)

    assert verdict.exit_code == 0, verdict
    assert sorted(verdict.verdicts("passed")) == sorted(OF_PREDICTIONS)


def test_a_queue_is_read_through_every_front_at_once(
    queue: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Each front is a URL of the one deployment: what one has taken the others tell."""
    fronts = (NGINX_KEEPALIVE, HAPROXY_HTTP, HAPROXY_TCP, CADDY)
    urls = [fronted(front, queue) for front in fronts]

    verdict = judge_as_described(queue, *urls, folder=tmp_path / "gate", only=OF_A_QUEUE)

    assert verdict.exit_code == 0, verdict
    assert sorted(verdict.verdicts("passed")) == sorted(OF_A_QUEUE)


def test_a_queue_whose_streams_are_buffered_loses_that_promise_alone(
    queue: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """nginx by its defaults, and an API that does not tell it otherwise: the failure names it."""
    url = fronted(NGINX_DEFAULT, queue)

    verdict = judge_as_described(
        queue, url, folder=tmp_path / "gate", only=["STRM-011", "STRM-002", "POLL-002"]
    )

    assert verdict.exit_code == 1, verdict
    assert list(verdict.failed) == ["STRM-011"]
    assert "all events came in one piece: something in front buffers" in verdict.failed["STRM-011"]
    assert "seen through nginx" in verdict.failed["STRM-011"]


def test_a_queue_behind_tls_and_http2_is_judged_at_the_address_that_the_redirect_names(
    queue: Deployment, tmp_path: Path
) -> None:
    """Port 80 as people have it, a private authority, a path prefix; HTTP/1.1 is asked for."""
    made, plain = make_certificates(tmp_path), free_port()
    redirects = (
        f"server {{ listen 127.0.0.1:{plain}; return 301 https://127.0.0.1:{{port}}$request_uri; }}"
    )
    front = with_tls(made, http=redirects, protocol="ssl http2", location="/tenant/")
    with front.before(queue.ports, tmp_path / "front") as url:
        there = f"http://127.0.0.1:{plain}/tenant"
        moved = judge_as_described(queue, there, folder=tmp_path / "moved", only=["STAT-001"])
        verdict = judge_as_described(
            queue,
            f"{url}/",
            folder=tmp_path / "gate",
            only=["STAT-001", "STRM-002"],
            target=f'ca = "{made.authority}"',
        )

    assert moved.exit_code == 4, moved
    assert f"give {url}" in moved.output
    assert verdict.exit_code == 0, verdict
    assert sorted(verdict.verdicts("passed")) == ["STAT-001", "STRM-002"]


@pytest.mark.parametrize("contract", ["predictions", "queue"])
def test_a_front_that_speaks_http2_alone_is_named_before_any_case(
    contract: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    deployment: Deployment = request.getfixturevalue(contract)
    with Guard(protocol="http2").before(deployment.ports, tmp_path / "front") as url:
        verdict = judge_as_described(deployment, url, folder=tmp_path / "gate")

    assert verdict.exit_code == 4, verdict
    assert "it speaks HTTP/2 there, and queueproof HTTP/1.1" in verdict.output
