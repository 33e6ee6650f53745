"""Fronts that answer in the target's place, or change what passes: no good system is accused of
what they do.
"""

from __future__ import annotations

import gzip
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote

import pytest
from redis import Redis

from queueproof.stack.ports import free_port

from .fronts import Front, haproxy
from .judging import judge
from .serving import HEADER, Deployment
from .tampering import Answer, Tampering

_PAGE = b"<html><body><h1>%s</h1>\n%s\n</body></html>\n"
_RELOADING = (
    502,
    {"Content-Type": "text/html"},
    _PAGE % (b"502 Bad Gateway", b"The server returned an invalid or incomplete response."),
)
_FORBIDDEN = (
    403,
    {"Content-Type": "text/html"},
    _PAGE % (b"403 Forbidden", b"Request forbidden by administrative rules."),
)
_SUSPECT = ("DROP TABLE", "<b>", "\x00", "\\u0000", "%00")
_AHEAD_S = 3600.0


class Firewall:
    """Lets through what it knows; reloads once, for two seconds, and limits by its own clock."""

    def __init__(self) -> None:
        self.gave = Counter[int]()
        self._requests = 0
        self._reloads_at_s = float("inf")

    def own(self, path: str, body: bytes) -> Answer | None:
        answer = self._answer(unquote(path) + path + body.decode("utf-8", "replace"))
        if answer is not None:
            self.gave[answer[0]] += 1
        return answer

    def _answer(self, text: str) -> Answer | None:
        self._requests += 1
        now_s = time.monotonic()
        if self._requests == 80:
            self._reloads_at_s = now_s
        if self._reloads_at_s <= now_s < self._reloads_at_s + 2.0:
            return _RELOADING
        if any(each in text for each in _SUSPECT):
            return _FORBIDDEN
        if self._requests % 9 == 0:
            theirs_s = time.time() + _AHEAD_S
            dates = {
                "Date": formatdate(theirs_s, usegmt=True),
                "Retry-After": formatdate(theirs_s + 1, usegmt=True),
            }
            return 429, dates, b'{"message": "slow down"}'
        return None


def test_a_firewall_that_refuses_reloads_and_limits_accuses_nobody_and_is_named(
    three_replicas: Deployment, tmp_path: Path
) -> None:
    """Odd ids and texts are refused by it; a submit that met a reload is nobody's failure."""
    wall = Firewall()
    with Tampering(own=wall.own).before(three_replicas.ports) as url:
        verdict = judge(
            url,
            folder=tmp_path,
            only=["POLL-002", "POLL-013", "CANC-008", "STRM-010", "SUBM-001"],
        )

    assert verdict.failed == {}, verdict
    assert verdict.exit_code in (0, 3), verdict
    assert set(wall.gave) == {403, 429, 502}
    for reason in verdict.reasons("inconclusive"):
        assert "haproxy" in reason or "something in front" in reason, reason
    assert "left behind" not in verdict.notes


def test_what_a_front_packs_piece_by_piece_is_read_whole(
    three_replicas: Deployment, tmp_path: Path
) -> None:
    """Each event of a stream a member of its own, though nobody asked for it to be packed."""
    packed = {"content-ENCODING": "gzip"}
    with Tampering(headers=packed, pack=gzip.compress).before(three_replicas.ports) as url:
        verdict = judge(
            url,
            folder=tmp_path,
            only=["POLL-002", "STRM-002"],
        )

    assert verdict.exit_code == 0, verdict
    assert sorted(verdict.verdicts("passed")) == ["POLL-002", "STRM-002"]


def test_a_front_that_calls_every_worker_by_one_name_accuses_nobody(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """Its own: whose counters are read then cannot be told."""
    with Tampering(headers={HEADER: "edge-1"}).before(three_workers.ports) as url:
        verdict = judge(
            url,
            folder=tmp_path,
            only=["POLL-002", "MONI-004", "MONI-006", "MONI-010"],
            target=f'worker_header = "{HEADER}"',
        )

    assert verdict.failed == {}, verdict
    assert verdict.verdicts("passed")[-1:] == ["POLL-002"], verdict


def test_a_header_that_names_a_pod_of_several_workers_gives_place_to_the_next_way(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """Each connection leads to one worker, and all are called by the name of their pod."""
    named = f"http-reuse never\n  http-response set-header {HEADER} pod-1"
    front = Front("haproxy names", "haproxy", "connections", haproxy("http", named))
    if lacking := front.lacks():
        pytest.skip(lacking)
    with front.before(three_workers.ports, tmp_path / "front") as url:
        verdict = judge(
            url,
            folder=tmp_path / "gate",
            only=["MONI-004", "MONI-010"],
            target=f'worker_header = "{HEADER}"',
            environment=three_workers.known,
        )

    assert verdict.exit_code == 0, verdict
    assert verdict.report["target"]["workers"] == ["a", "b", "c"]
    assert sorted(verdict.verdicts("passed")) == ["MONI-004", "MONI-010"]
    assert "the name pod-1 is that of several workers" in verdict.notes


def test_a_server_that_is_down_behind_a_front_that_tries_another_accuses_nobody(
    three_replicas: Deployment, tmp_path: Path
) -> None:
    again = "retries 3\n  option redispatch\n  retry-on all-retryable-errors"
    front = Front("haproxy redispatches", "haproxy", "requests", haproxy("http", again))
    if lacking := front.lacks():
        pytest.skip(lacking)
    ports = (*three_replicas.ports, free_port())
    with front.before(ports, tmp_path / "front") as url:
        verdict = judge(url, folder=tmp_path / "gate", only=["POLL-002", "SUBM-001", "STRM-002"])

    assert verdict.failed == {}, verdict
    assert verdict.exit_code == 0, verdict


@contextmanager
def noise(url: str) -> Iterator[None]:
    """Somebody else who uses the same index, and much: keys come, expire and go, as do channels."""
    over = threading.Event()

    def make() -> None:
        with Redis.from_url(url) as client:
            while not over.is_set():
                name = f"tenant:{uuid.uuid4()}"
                with client.pipeline(transaction=False) as pipeline:
                    pipeline.set(name, f"{time.time()}", px=50)
                    pipeline.hset(f"{name}:hash", "at", f"{time.time()}")
                    pipeline.xadd(f"{name}:events", {"end": "1"})
                    pipeline.publish(name, "cancel")
                    pipeline.delete(f"{name}:hash", f"{name}:events")
                    pipeline.execute()
                over.wait(0.01)

    maker = threading.Thread(target=make)
    maker.start()
    try:
        yield
    finally:
        over.set()
        maker.join()


def test_other_peoples_keys_that_come_and_go_accuse_nobody(
    three_workers: Deployment, tmp_path: Path
) -> None:
    with noise(three_workers.redis_url):
        verdict = judge(
            *three_workers.urls,
            folder=tmp_path,
            only=["DBIX-001", "TTL-001", "CANC-012"],
            options=("--redis-url", three_workers.redis_url),
            environment=three_workers.known,
        )

    assert verdict.failed == {}, verdict
    assert verdict.exit_code == 0, verdict
