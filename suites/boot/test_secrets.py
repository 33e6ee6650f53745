"""Passwords in settings stay out of what the target prints ("Enable the Redis job queue")."""

from __future__ import annotations

import asyncio
import secrets

from queueproof.case import Inconclusive, Probe, expect_that, requirement
from queueproof.faults import injected
from queueproof.faults.redis_restart import LostRedis
from queueproof.running.launch import Launch
from queueproof.stack.launcher import Boot

QUEUE_URL = "LANGFLOW_REDIS_QUEUE_URL"
RUNNING = Probe(ticks=100, interval_s=0.2)
SLACK_S = 1.0


@requirement("BOOT-009")
async def test_passwords_of_a_start_that_succeeds_do_not_reach_the_log(launch: Launch) -> None:
    """The password of Redis and the superuser's, both in use, are not printed."""
    redis_word, admin_word = new_secret(), new_secret()
    guarded = await launch.redis(password=redis_word)
    boot = await launch.attempt(
        {
            QUEUE_URL: guarded.url(1),
            "LANGFLOW_SUPERUSER_PASSWORD": admin_word,
            "LANGFLOW_SUPERUSER": "keeper",
            "LANGFLOW_WORKERS": "1",
        },
        redis=guarded,
    )

    if not boot.serving:
        raise Inconclusive("the target does not serve with a password in the queue's URL")
    expect_unprinted(boot, redis_word, "the Redis password")
    expect_unprinted(boot, admin_word, "the superuser's password")


@requirement("BOOT-009")
async def test_the_password_of_a_refused_redis_does_not_reach_the_log(launch: Launch) -> None:
    """A start that fails over a wrong Redis password does not print it."""
    guarded, wrong = await launch.redis(password=new_secret()), new_secret()

    boot = await launch.attempt(
        {QUEUE_URL: f"redis://:{wrong}@127.0.0.1:{guarded.port}/1", "LANGFLOW_WORKERS": "1"},
        redis=guarded,
    )

    expect_unprinted(boot, wrong, "the Redis password that was refused")


@requirement("BOOT-009", wait=lambda t: t.outage_answer_s)
async def test_the_password_of_a_redis_that_is_lost_does_not_reach_the_log(launch: Launch) -> None:
    """Requests that need a Redis which is gone end in errors; what is logged of them is read."""
    word = new_secret()
    guarded = await launch.redis(password=word)
    lane = await launch.lane({QUEUE_URL: guarded.url(1)}, workers=1, redis=guarded)
    target = lane.system
    job = await target.submit(RUNNING)
    within_s = target.timings.outage_answer_s + SLACK_S

    async with injected(LostRedis(guarded), target.history):
        (_, submitted), polled = await asyncio.gather(
            target.try_submit(RUNNING, within_s=within_s), target.poll(job, within_s=within_s)
        )

    if not any((reply.status or 0) >= 500 for reply in (submitted, polled)):
        raise Inconclusive("no request was answered with an error while Redis was away")
    expect_unprinted(lane.boot, word, "the password of a Redis that was lost")


def new_secret() -> str:
    """A password that occurs nowhere else."""
    return f"Qp-{secrets.token_hex(8)}-1"


def expect_unprinted(boot: Boot, secret: str, what: str) -> None:
    """The output does not carry `secret`; the line that does is shown without it.

    Raises Inconclusive where there is no output: it may go elsewhere.
    """
    if not boot.output.strip():
        raise Inconclusive("the start printed nothing at all")
    line = next((line for line in boot.output.splitlines() if secret in line), "")
    expect_that(
        not line,
        expected=f"{what} is nowhere in the output",
        actual=f"printed: {line.strip().replace(secret, '***')[:200]}",
    )
