"""Which Redis the queue uses, and how it gets in ("Configuration reference")."""

from __future__ import annotations

import re

from queueproof.case import Inconclusive, Probe, expect_that, requirement
from queueproof.case_helpers.redis_location import expect_keys, keys_appear
from queueproof.running.launch import DidNotServe, Launch
from queueproof.stack.certificates import make_certificates
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import RedisServer

QUEUE = "LANGFLOW_REDIS_QUEUE_"
CACHE = "LANGFLOW_REDIS_"
PROBE = Probe(ticks=20, interval_s=0.1)
_TLS = re.compile(r"certificate|\b(?:ssl|tls)\b", re.IGNORECASE)


@requirement("SETT-004")
async def test_the_queues_url_wins_over_host_port_and_index(launch: Launch) -> None:
    """With a URL and another host, port and index, the job's keys are where the URL says."""
    right, wrong = await launch.redis(), await launch.redis()
    lane = await launch.lane(
        {
            f"{QUEUE}URL": right.url(1),
            f"{QUEUE}HOST": "localhost",
            f"{QUEUE}PORT": str(wrong.port),
            f"{QUEUE}DB": "5",
        },
        workers=1,
        redis=right,
    )

    job = await lane.system.submit(PROBE)

    found = await keys_appear(job, {"the URL's server": right, "the port's server": wrong})
    expect_keys(job, found, server="the URL's server", index=1)


@requirement("SETT-005")
async def test_queue_host_and_port_fall_back_to_the_general_ones(launch: Launch) -> None:
    """Without an address of its own the queue is on the general Redis server."""
    general = await launch.redis()
    lane = await launch.lane(
        {f"{QUEUE}URL": None, f"{CACHE}HOST": "127.0.0.1", f"{CACHE}PORT": "{redis_port}"},
        workers=1,
        redis=general,
        owed="the queue uses LANGFLOW_REDIS_HOST and LANGFLOW_REDIS_PORT",
    )

    job = await lane.system.submit(PROBE)

    found = await keys_appear(job, {"the general server": general})
    expect_keys(job, found, server="the general server")


@requirement("SETT-006")
async def test_queue_host_and_port_win_over_the_general_ones(launch: Launch) -> None:
    """With both addresses given, the job's keys are on the queue's own server."""
    own, general = await launch.redis(), await launch.redis()
    lane = await launch.lane(
        {
            f"{QUEUE}URL": None,
            f"{QUEUE}HOST": "127.0.0.1",
            f"{QUEUE}PORT": str(own.port),
            f"{CACHE}HOST": "127.0.0.1",
            f"{CACHE}PORT": str(general.port),
        },
        workers=1,
        redis=own,
    )

    job = await lane.system.submit(PROBE)

    found = await keys_appear(job, {"the queue's server": own, "the general server": general})
    expect_keys(job, found, server="the queue's server")


@requirement("SETT-007")
async def test_a_password_in_the_queues_url_is_used(launch: Launch) -> None:
    """A Redis server that wants a password serves the queue."""
    guarded = await launch.redis(password="Sesame-Open-1")
    lane = await launch.lane(
        {f"{QUEUE}URL": guarded.url(1)},
        workers=1,
        redis=guarded,
        owed="the password in the queue's URL opens the Redis server",
    )

    job, reply = await lane.system.try_submit(PROBE)

    expect_served(job is not None, reply.words, "the Redis server that wants a password")


@requirement("SETT-008")
async def test_a_rediss_url_connects_by_tls(launch: Launch) -> None:
    """A port that speaks TLS alone, with a certificate of an own authority, serves the queue."""
    encrypted, url = await redis_with_tls(launch)
    lane = await launch.lane(
        {f"{QUEUE}URL": url},
        workers=1,
        redis=encrypted,
        owed="a rediss URL with ssl_ca_certs connects by TLS",
    )

    job, reply = await lane.system.try_submit(PROBE)

    expect_served(job is not None, reply.words, "the Redis port that speaks TLS")


@requirement("SETT-022")
async def test_a_server_with_a_certificate_of_another_authority_serves_no_build(
    launch: Launch,
) -> None:
    """Whoever stands in between has one, too: the start fails, or no build is accepted, though one
    is where the right authority is named.
    """
    encrypted, url = await redis_with_tls(launch)
    right = await launch.lane({f"{QUEUE}URL": url}, workers=1, redis=encrypted)
    job, reply = await right.system.try_submit(PROBE)
    if job is None:
        raise Inconclusive(f"by the right authority no build is accepted either: {reply.words}")
    stranger = make_certificates(launch.folder()).authority
    settings = {f"{QUEUE}URL": f"{url.partition('?')[0]}?ssl_ca_certs={stranger}"}
    try:
        lane = await launch.lane(settings, workers=1, redis=encrypted)
    except DidNotServe as refusal:
        if not _TLS.search(refusal.boot.output):
            raise
        return

    job, reply = await lane.system.try_submit(PROBE)

    if not reply.answered:
        raise Inconclusive(f"the submit was not answered: {reply.detail}")
    expect_that(
        job is None,
        expected="no build accepted by way of a server whose certificate another authority signed",
        actual=f"it is accepted: {reply.words}",
    )


def expect_served(accepted: bool, words: str, where: str) -> None:
    """A submit is accepted, which it can only be once the queue's Redis is reached."""
    expect_that(
        accepted, expected=f"a submit is accepted by way of {where}", actual=f"it gets {words}"
    )


async def redis_with_tls(launch: Launch) -> tuple[RedisServer, str]:
    """A Redis server with a port for TLS, and the URL for it."""
    made, port = make_certificates(launch.folder()), free_port()
    server = await launch.redis(
        options=(
            *("--tls-port", str(port), "--tls-auth-clients", "no"),
            *("--tls-cert-file", str(made.certificate), "--tls-key-file", str(made.key)),
            *("--tls-ca-cert-file", str(made.authority)),
        )
    )
    return server, f"rediss://127.0.0.1:{port}/1?ssl_ca_certs={made.authority}"
