"""A witness that no job can reach over HTTP hears all the same, through the queue's Redis."""

from __future__ import annotations

from pathlib import Path

import redis

from tests.end_to_end.conftest import Reference, run_gate

#: Nobody listens there, as where the jobs' network has no way to the gate's.
UNREACHABLE = {"QUEUEPROOF_WITNESS_ANNOUNCE": "127.0.0.1:1"}
WITNESSED = ("CANC-002", "CANC-003", "STRM-011")


def test_jobs_without_a_way_to_the_gate_report_through_redis(
    reference: Reference, tmp_path: Path
) -> None:
    """The same requirements are judged, and nothing stays behind."""
    selection = ("--only", ",".join(WITNESSED), "--redis-url", reference.redis_url)

    deaf = run_gate(
        reference.url, *selection, out=tmp_path / "http", **reference.known, **UNREACHABLE
    )
    through = {**UNREACHABLE, "QUEUEPROOF_WITNESS_THROUGH": "redis"}
    heard = run_gate(
        reference.url, *selection, out=tmp_path / "redis", **reference.known, **through
    )

    for one in WITNESSED:
        assert deaf.verdict_of(one) != "passed", deaf.output
        assert heard.verdict_of(one) == "passed", heard.output
    assert heard.exit_code == 0
    with redis.Redis.from_url(reference.redis_url) as client:
        assert [
            key for key in client.scan_iter("queueproof:witness:*") if client.type(key) == b"stream"
        ] == []
