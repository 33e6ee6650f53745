"""Which Redis the queue uses, and how it gets in (`Flowise, "Running Flowise using Queue"`, Queue
Mode).
"""

from __future__ import annotations

import base64
from pathlib import Path

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
from queueproof.case_helpers.boot_expectations import expect_start, report
from queueproof.case_helpers.redis_location import expect_hash, hash_indexes, hashes_appear
from queueproof.running.launch import Launch
from queueproof.stack.certificates import Certificates, make_certificates
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import RedisServer

BRIEF = Probe(ticks=2, interval_s=0.05)
_SESAME = "Sesame-Open-1"
WAITING = Probe(ticks=2, interval_s=0.05)
_INDEX = 5
CLEAR = "an error at start that names the certificate"
#: A certificate, and that it is not trusted.
UNTRUSTED = report(
    r"cert",
    r"self[ _-]signed|unable[ _](to|get)|verif\w*[ _]fail|fail\w*[ _](to[ _])?verif|not trusted"
    r"|untrusted|unknown (ca|authority)|\b(bad|invalid|unknown|expired) certificate"
    r"|certificate (is )?(invalid|unknown|expired|signature failure|rejected|refused)"
    r"|certificate .{0,40}\b(rejected|refused|not valid|wrong)\b",
)


@requirement("CONF-001")
async def test_the_url_wins_over_host_and_port(launch: Launch) -> None:
    """With a URL and another port, the job waits where the URL says."""
    right, wrong = await launch.redis(), await launch.redis()
    target = await launch.system(
        {
            "REDIS_URL": right.url(),
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(wrong.port),
        },
        workers=0,
        redis=right,
    )

    job = await target.submit(WAITING)

    found = await hashes_appear(job, {"the URL's server": right, "the port's server": wrong})
    expect_hash(job, found, server="the URL's server")


@requirement("CONF-001")
async def test_the_index_in_the_url_says_where_the_queue_is(launch: Launch) -> None:
    """With an index in the URL the job waits there, and not at 0, beside somebody else's."""
    server = await launch.redis()
    target = await launch.system({"REDIS_URL": server.url(_INDEX)}, workers=0, redis=server)

    job = await target.submit(WAITING)

    found = await hash_indexes(job, server, (0, _INDEX))
    expect_that(
        found == {_INDEX},
        expected=f"the job's data are at index {_INDEX}",
        actual="they are at index " + ", ".join(map(str, sorted(found))),
        jobs=job,
    )


@requirement("CONF-002")
async def test_without_a_url_host_and_port_say_where(launch: Launch) -> None:
    """Server and worker meet at the host and port given."""
    lane = await launch.lane(
        {"REDIS_URL": None, "REDIS_HOST": "127.0.0.1", "REDIS_PORT": "{redis_port}"},
        workers=1,
        owed="the queue uses REDIS_HOST and REDIS_PORT",
    )

    await expect_served(lane.system, "the Redis server at REDIS_HOST and REDIS_PORT")


@requirement("CONF-003")
async def test_user_and_password_open_a_guarded_redis(launch: Launch) -> None:
    """A Redis server that wants a password serves the queue."""
    guarded = await launch.redis(password=_SESAME)
    lane = await launch.lane(
        {
            "REDIS_URL": None,
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": "{redis_port}",
            "REDIS_USERNAME": "default",
            "REDIS_PASSWORD": _SESAME,
        },
        workers=1,
        redis=guarded,
        owed="REDIS_USERNAME and REDIS_PASSWORD open the Redis server",
    )

    await expect_served(lane.system, "the Redis server that wants a password")


@requirement("CONF-004")
async def test_own_certificates_reach_a_redis_that_speaks_tls(launch: Launch) -> None:
    """A port that wants a certificate of an own authority from both sides serves the queue."""
    encrypted, settings, _ = await redis_with_tls(launch)
    lane = await launch.lane(
        settings,
        workers=1,
        redis=encrypted,
        owed="REDIS_TLS with REDIS_CERT, REDIS_KEY and REDIS_CA connects by TLS",
    )

    await expect_served(lane.system, "the Redis port that speaks TLS")


@requirement("CONF-005")
async def test_a_server_refuses_the_certificate_of_another_authority(launch: Launch) -> None:
    """It says so at its start, whether or not it then goes on trying."""
    encrypted, settings, stranger = await redis_with_tls(launch)

    boot = await launch.attempt({**settings, "REDIS_CA": stranger}, redis=encrypted)

    await expect_start(boot, usual=[await launch.usual()]).to_be_refused_or_reported(
        expected=CLEAR, report=UNTRUSTED
    )


@requirement("CONF-005")
async def test_a_worker_refuses_the_certificate_of_another_authority(launch: Launch) -> None:
    """Beside a server that is right, it says so at its start."""
    encrypted, settings, stranger = await redis_with_tls(launch)
    lane = await launch.lane(settings, workers=0, redis=encrypted)

    hired = await launch.hire(lane, {"REDIS_CA": stranger})

    await expect_start(hired, usual=await launch.usual_crew()).to_be_refused_or_reported(
        expected=CLEAR, report=UNTRUSTED
    )


async def expect_served(target: System, where: str) -> None:
    """A prediction is answered, which takes server, worker and their Redis."""
    reply = await predict(new_job(target, BRIEF))

    if reply.status == 404:
        raise Inconclusive(f"the probe flow is gone: {reply.words}")
    expect_that(
        reply.kind is Kind.SUCCESS,
        expected=f"a prediction is answered by way of {where}",
        actual=f"it gets {reply.words}",
    )


async def redis_with_tls(launch: Launch) -> tuple[RedisServer, dict[str, str | None], str]:
    """A Redis server with a port for TLS alone, the settings for it, and a stranger's authority."""
    made, port = make_certificates(launch.folder()), free_port()
    server = await launch.redis(
        options=(
            *("--tls-port", str(port), "--tls-auth-clients", "yes"),
            *("--tls-cert-file", str(made.certificate), "--tls-key-file", str(made.key)),
            *("--tls-ca-cert-file", str(made.authority)),
        )
    )
    stranger = make_certificates(launch.folder())
    return server, _settings(made, port), _base64(stranger.authority)


def _settings(made: Certificates, port: int) -> dict[str, str | None]:
    return {
        "REDIS_URL": None,
        "REDIS_HOST": "127.0.0.1",
        "REDIS_PORT": str(port),
        "REDIS_TLS": "true",
        "REDIS_CERT": _base64(made.certificate),
        "REDIS_KEY": _base64(made.key),
        "REDIS_CA": _base64(made.authority),
    }


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")
