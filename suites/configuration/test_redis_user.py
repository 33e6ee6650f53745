"""A Redis user of its own (`Flowise, "Running Flowise using Queue"`, Queue Mode)."""

from __future__ import annotations

from urllib.parse import quote

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    System,
    expect_that,
    new_job,
    predict,
    requirement,
)
from queueproof.running.launch import Launch

_BRIEF = Probe(ticks=2, interval_s=0.05)
_USER, _PASSWORD = "queue-user", "p@ss:w/rd%1 #?"


@requirement("CONF-003")
async def test_another_user_than_the_default_one_is_let_in(launch: Launch) -> None:
    """REDIS_USERNAME names a user whose password is not the default user's."""
    guarded = await launch.redis(
        password="Not-This-One-1",
        options=("--user", _USER, "on", f">{_PASSWORD}", "~*", "&*", "+@all"),
    )
    lane = await launch.lane(
        {
            "REDIS_URL": None,
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": "{redis_port}",
            "REDIS_USERNAME": _USER,
            "REDIS_PASSWORD": _PASSWORD,
        },
        workers=1,
        redis=guarded,
        owed="REDIS_USERNAME and REDIS_PASSWORD open the Redis server for that user",
    )

    await _expect_served(lane.system)


@requirement("CONF-013")
async def test_user_and_quoted_password_of_the_url_let_in(launch: Launch) -> None:
    """REDIS_URL has both, with every character of the password that must be quoted there."""
    guarded = await launch.redis(
        password="Not-This-One-1",
        options=("--user", _USER, "on", f">{_PASSWORD}", "~*", "&*", "+@all"),
    )
    secret = f"{_USER}:{quote(_PASSWORD, safe='')}"
    lane = await launch.lane(
        {"REDIS_URL": f"redis://{secret}@127.0.0.1:{guarded.port}"},
        workers=1,
        redis=guarded,
        owed="user and quoted password in REDIS_URL are used",
    )

    await _expect_served(lane.system)


async def _expect_served(target: System) -> None:
    reply = await predict(new_job(target, _BRIEF))

    if reply.status == 404:
        raise Inconclusive(f"the probe flow is gone: {reply.words}")
    expect_that(
        reply.kind is Kind.SUCCESS,
        expected="a prediction is answered by way of the Redis user's account",
        actual=f"it gets {reply.words}",
    )
