"""Passwords in settings stay out of what the target prints ("Enable the Redis job queue")."""

from __future__ import annotations

import secrets

from queueproof.case import Inconclusive, expect_that, requirement
from queueproof.running.launch import Launch
from queueproof.stack.launcher import Boot

QUEUE_URL = "LANGFLOW_REDIS_QUEUE_URL"


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

    if not boot.output.strip():
        raise Inconclusive("the start printed nothing at all")
    expect_unprinted(boot, wrong, "the Redis password that was refused")


def new_secret() -> str:
    """A password that occurs nowhere else."""
    return f"Qp-{secrets.token_hex(8)}-1"


def expect_unprinted(boot: Boot, secret: str, what: str) -> None:
    """The output does not carry `secret`; the line that does is shown without it."""
    line = next((line for line in boot.output.splitlines() if secret in line), "")
    expect_that(
        not line,
        expected=f"{what} is nowhere in the output",
        actual=f"printed: {line.strip().replace(secret, '***')[:200]}",
    )
