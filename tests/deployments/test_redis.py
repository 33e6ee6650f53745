"""A good system beside other people's keys, with the wrong Redis, and with no right to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from .judging import judge
from .serving import Deployment, redis_served

#: Every requirement that is judged by keys of Redis.
KEYS = ("CANC-012", "DBIX-001", "TTL-001", "TTL-002", "WDOG-011", "MONI-019")
WRITING = ("WDOG-011", "MONI-019")
MANY = 300_000


def test_without_disposable_nothing_is_written_by_us(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """Asked as a user who may do nothing but read: no case misses a right to write."""
    with Redis.from_url(three_workers.redis_url) as client:
        rights = ("+@read", "+ping", "+info", "+select", "+time")
        client.execute_command("ACL", "SETUSER", "reader", "on", ">pw", "~*", *rights)
        client.execute_command("ACL", "LOG", "RESET")
        url = three_workers.redis_url.replace("redis://", "redis://reader:pw@")
        judged = judge(
            *three_workers.urls,
            folder=tmp_path,
            only=KEYS,
            environment={**three_workers.known, "QUEUEPROOF_REDIS_URL": url},
        )
        refused = [
            entry
            for entry in client.execute_command("ACL", "LOG")
            if entry["username"] in (b"reader", "reader")
        ]

    assert judged.exit_code == 0, str(judged)
    assert refused == []
    assert set(judged.verdicts("not_assessed")) == set(WRITING)
    assert len(judged.verdicts("passed")) == len(KEYS) - len(WRITING)
    assert "looks into Redis: " in judged.notes


def test_other_peoples_keys_accuse_nobody_and_are_not_gone_through(
    three_workers: Deployment, tmp_path: Path
) -> None:
    with Redis.from_url(three_workers.redis_url) as client:
        for index in (0, 1):
            with Redis.from_url(three_workers.redis_url.rpartition("/")[0], db=index) as there:
                for start in range(0, MANY, 10_000):
                    rows = {f"tenant:{index}:{n}": "x" for n in range(start, start + 10_000)}
                    there.mset(rows)  # type: ignore[arg-type]
        client.config_resetstat()
        judged = judge(
            *three_workers.urls,
            folder=tmp_path,
            only=KEYS,
            options=("--redis-url", three_workers.redis_url),
            environment=three_workers.known,
        )
        scans = int(client.info("commandstats").get("cmdstat_scan", {}).get("calls", 0))
        for index in (0, 1):
            with Redis.from_url(three_workers.redis_url.rpartition("/")[0], db=index) as there:
                there.flushdb()

    assert judged.failed == {}, str(judged)
    assert judged.exit_code == 0, str(judged)
    # Once before and once after the scratch job's end, a thousand keys each.
    assert scans <= 2 * (MANY // 1000 + 10)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("/1->/2", "leads to index 2, but the target's keys are at index 1"),
        ("/1->/99", "has no database index 99"),
        ("redis:->rediss:", "nothing answers at"),
        ("redis://->redis://nobody:wrong@", "refuses the login"),
    ],
)
def test_a_wrong_redis_url_ends_the_run_before_any_case(
    three_workers: Deployment, tmp_path: Path, change: str, said: str
) -> None:
    old, new = change.split("->")
    head, _, tail = three_workers.redis_url.rpartition(old)
    url = head + new + tail

    judged = judge(
        *three_workers.urls,
        folder=tmp_path,
        only=("DBIX-001",),
        environment={**three_workers.known, "QUEUEPROOF_REDIS_URL": url},
    )

    assert judged.exit_code == 2, str(judged)
    assert said in judged.output
    assert "Traceback" not in judged.output


def test_another_deployments_redis_is_no_evidence(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """It answers, and no key of the target is in it: nothing is judged by it, and it is said."""
    with redis_served() as elsewhere:
        judged = judge(
            *three_workers.urls,
            folder=tmp_path,
            only=("DBIX-001", "TTL-001", "POLL-002"),
            environment={**three_workers.known, "QUEUEPROOF_REDIS_URL": elsewhere},
        )

    assert judged.failed == {}, str(judged)
    assert judged.exit_code == 0, str(judged)
    assert judged.verdicts("passed") == ["POLL-002"]
    reasons = judged.reasons("not_assessed")
    assert all("it is not the target's Redis" in reason for reason in reasons), reasons


@pytest.mark.parametrize("forbidden", ["scan", "info", "dbsize"])
def test_a_command_that_is_forbidden_is_named_and_accuses_nobody(
    three_workers: Deployment, tmp_path: Path, forbidden: str
) -> None:
    """As in many a managed Redis: what needs it is not assessed, the rest is judged."""
    with Redis.from_url(three_workers.redis_url) as client:
        rules = ("on", ">pw", "~*", "&*", "+@all", f"-{forbidden}")
        client.execute_command("ACL", "SETUSER", "limited", "reset", *rules)
    judged = judge(
        *three_workers.urls,
        folder=tmp_path,
        only=("DBIX-001", "TTL-001", "POLL-002"),
        environment={
            **three_workers.known,
            "QUEUEPROOF_REDIS_URL": three_workers.redis_url.replace(
                "redis://", "redis://limited:pw@"
            ),
        },
    )

    assert judged.failed == {}, str(judged)
    assert judged.exit_code == 0, str(judged)
    assert "POLL-002" in judged.verdicts("passed")
    reasons = judged.reasons("not_assessed")
    assert all(forbidden.upper() in reason for reason in reasons), reasons
