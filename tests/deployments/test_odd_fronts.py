"""Fronts that close, limit, mark or cut what passes: no good system is accused of what they do, and
what they break for clients is told of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Fronted
from .fronts import Front
from .judging import judge_as_described
from .odd_fronts import (
    CADDY_STICKY,
    HAPROXY_CLOSES,
    HAPROXY_CUTS,
    HAPROXY_QUEUES,
    NGINX_CLOSES,
    NGINX_COUNTS,
    NGINX_CUTS,
    NGINX_MARKS,
)
from .serving import HEADER, Deployment

BY_HEADER = f'worker_header = "{HEADER}"'


@pytest.mark.parametrize("front", [HAPROXY_CUTS, NGINX_CUTS], ids=str)
def test_a_front_that_cuts_a_silent_stream_is_told_what_it_cuts(
    front: Front, queue: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Clients lose the rest, so it fails; the failure says what may have cut it."""
    url = fronted(front, queue)

    verdict = judge_as_described(queue, url, folder=tmp_path / "gate", only=["STRM-014"])

    assert verdict.exit_code == 1, verdict
    seen = verdict.failed["STRM-014"]
    assert "something in front may cut what is silent for so long" in seen
    assert ("seen through nginx" in seen) == (front.program == "nginx"), seen


@pytest.mark.parametrize("front", [HAPROXY_CLOSES, NGINX_CLOSES], ids=str)
def test_where_connections_are_closed_soon_no_worker_is_told_apart(
    front: Front, three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """After each answer, or every third: what needs a known worker is not assessed, and why."""
    url = fronted(front, three_replicas)

    verdict = judge_as_described(
        three_replicas, url, folder=tmp_path / "gate", only=["MONI-004", "POLL-002"]
    )

    assert verdict.exit_code == 0, verdict
    assert verdict.verdicts("passed") == ["POLL-002"]
    assert verdict.verdicts("not_assessed") == ["MONI-004"]
    assert "connections are closed" in verdict.notes or "stays open" in verdict.notes


@pytest.mark.parametrize("front", [HAPROXY_QUEUES, NGINX_COUNTS], ids=str)
def test_a_front_that_lets_few_in_at_once_accuses_nobody_and_is_named(
    front: Front, three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Three dozen readers of one job: each is let in in its turn, or it is said who kept it out.

    On a busy machine the last of them have their turn when the job is kept no more.
    """
    url = fronted(front, three_replicas)

    verdict = judge_as_described(
        three_replicas, url, folder=tmp_path / "gate", only=["STRM-019", "POLL-002"]
    )

    assert verdict.failed == {}, verdict
    assert "POLL-002" in verdict.verdicts("passed")
    for reason in verdict.reasons("inconclusive"):
        named = "nginx" in reason or "something in front" in reason
        assert named or "the last readers came" in reason, reason


def test_a_front_that_adds_the_workers_header_once_more_is_no_worker(
    three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Nor are its own pages, which carry nothing but that."""
    url = fronted(NGINX_MARKS, three_replicas)

    verdict = judge_as_described(
        three_replicas,
        url,
        folder=tmp_path / "gate",
        only=["POLL-002", "SUBM-001"],
        target=BY_HEADER,
    )

    assert verdict.exit_code == 0, verdict
    assert sorted(verdict.verdicts("passed")) == ["POLL-002", "SUBM-001"]
    assert verdict.report["target"]["workers"] == ["?"]
    assert "replaced" not in verdict.notes


def test_a_cookie_of_another_make_keeps_to_a_replica_too(
    three_replicas: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Caddy's."""
    url = fronted(CADDY_STICKY, three_replicas)

    verdict = judge_as_described(
        three_replicas, url, folder=tmp_path / "gate", only=["POLL-003", "MONI-004"]
    )

    assert verdict.exit_code == 0, verdict
    assert sorted(verdict.verdicts("passed")) == ["MONI-004", "POLL-003"]
    assert verdict.report["target"]["workers"] == ["a", "b", "c"]
