"""Settings in other words than the document's examples ("Configuration reference").

The cases about switches, the database and recycling share one target.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from urllib.parse import quote

from queueproof.case import Inconclusive, NotAssessed, Probe, eventually, expect_that, requirement
from queueproof.case_helpers.boot_expectations import expect_start, report
from queueproof.case_helpers.redis_location import expect_keys, keys_appear
from queueproof.running.launch import Launch
from queueproof.stack.loopback_front import other_address
from queueproof.stack.ports import free_port
from queueproof.targets.langflow.visitor import visiting

_QUEUE = "LANGFLOW_REDIS_QUEUE_"
_CACHE = "LANGFLOW_REDIS_"
_PROBE = Probe(ticks=20, interval_s=0.1)
_USER, _PASSWORD = "queue-user", "p@ss:w/rd%1 #?"
_INDEX = 3
_WITHOUT_JITTER, _REQUESTS = 10, 40
_SERVING_WITHIN_S = 10.0
_SHUT_OUT = report("redis", r"auth|password|wrongpass|noauth")
_DATABASE = "own.db"
#: What BOOT-010 and the cases here are about, in one start.
SPELT = {
    "LANGFLOW_REDIS_QUEUE_CANCEL_CHANNEL_ENABLED": "0",
    "LANGFLOW_AUTO_LOGIN": "FALSE",
    "LANGFLOW_DATABASE_URL": f"sqlite:///{{data}}/{_DATABASE}",
    "LANGFLOW_GUNICORN_PRELOAD": None,
    "GUNICORN_CMD_ARGS": "--max-requests 10 --max-requests-jitter 10000000",
}


@requirement("SETT-005")
async def test_the_port_alone_falls_back_to_the_general_one(launch: Launch) -> None:
    """With a host of its own and no port the queue is at the general port."""
    general = await launch.redis()
    lane = await launch.lane(
        {
            f"{_QUEUE}URL": None,
            f"{_QUEUE}HOST": "127.0.0.1",
            f"{_CACHE}HOST": "queueproof.invalid",
            f"{_CACHE}PORT": str(general.port),
        },
        workers=1,
        redis=general,
        owed="the queue uses its own host with LANGFLOW_REDIS_PORT",
    )

    job = await lane.system.submit(_PROBE)

    found = await keys_appear(job, {"the general port's server": general})
    expect_keys(job, found, server="the general port's server")


@requirement("SETT-005")
async def test_the_host_alone_falls_back_to_the_general_one(launch: Launch) -> None:
    """With a port of its own and no host the queue is at the general host, which has another
    address than localhost.
    """
    general = await launch.redis()
    async with AsyncExitStack() as fronts:
        try:
            front = await fronts.enter_async_context(other_address(general.port))
        except OSError as error:
            raise NotAssessed(f"this machine has no second loopback address: {error}") from None
        lane = await launch.lane(
            {
                f"{_QUEUE}URL": None,
                f"{_QUEUE}PORT": str(front.port),
                f"{_CACHE}HOST": front.host,
                f"{_CACHE}PORT": str(free_port()),
            },
            workers=1,
            redis=general,
            owed="the queue uses its own port with LANGFLOW_REDIS_HOST",
        )

        job = await lane.system.submit(_PROBE)

        found = await keys_appear(job, {"the general host's server": general})
    expect_keys(job, found, server="the general host's server")


@requirement("SETT-017")
async def test_every_part_of_the_queues_url_is_used(launch: Launch) -> None:
    """A user's name, a password with odd characters, and the index as a query."""
    guarded = await launch.redis(
        password="Not-This-One-1",
        options=("--user", _USER, "on", f">{_PASSWORD}", "~*", "&*", "+@all"),
    )
    secret = f"{_USER}:{quote(_PASSWORD, safe='')}"
    lane = await launch.lane(
        {f"{_QUEUE}URL": f"redis://{secret}@127.0.0.1:{guarded.port}?db={_INDEX}"},
        workers=1,
        redis=guarded,
        owed="user, quoted password and ?db= in the queue's URL are used",
    )

    job = await lane.system.submit(_PROBE)

    found = await keys_appear(job, {"the URL's server": guarded})
    expect_keys(job, found, server="the URL's server", index=_INDEX)


@requirement("SETT-018")
async def test_switches_may_be_written_as_zero_and_in_capitals(launch: Launch) -> None:
    """A channel set to 0 is disabled, and automatic login set to FALSE lets nobody in."""
    lane = await launch.shared(SPELT, workers=1, owed="0 and FALSE are accepted for switches")

    monitor = await lane.system.monitor()
    async with visiting(lane.boot.url) as visitor:
        login = await visitor.log_in_automatically()

    if monitor.status != 200 or login.status is None:
        raise Inconclusive(f"the target does not tell: {monitor.words}, {login.status}")
    running = monitor.body.get("cancel_dispatcher_running")
    expect_that(
        running is False and 400 <= login.status < 500,
        expected="no dispatcher with …CANCEL_CHANNEL_ENABLED=0, no automatic login with FALSE",
        actual=f"cancel_dispatcher_running {running}, automatic login answers {login.status}",
    )


@requirement("SETT-019")
async def test_host_and_port_alone_do_not_open_a_guarded_redis(launch: Launch) -> None:
    """The connection is plain, so a server that wants a password is a clear error at start."""
    guarded = await launch.redis(password="Sesame-Open-1")

    boot = await launch.attempt(
        {
            f"{_QUEUE}URL": None,
            f"{_QUEUE}HOST": "127.0.0.1",
            f"{_QUEUE}PORT": str(guarded.port),
        },
        redis=guarded,
    )

    expect_start(boot, usual=[await launch.usual()]).to_be_refused_clearly(
        expected="the start fails and says that Redis wants authentication",
        report=_SHUT_OUT,
    )


@requirement("SETT-020")
async def test_the_database_is_where_its_url_says(launch: Launch) -> None:
    """LANGFLOW_DATABASE_URL with SQLite: the file is there, and not empty, once it serves."""
    lane = await launch.shared(SPELT, workers=1)
    database = lane.boot.data / _DATABASE

    expect_that(
        database.is_file() and database.stat().st_size > 0,
        expected=f"a database in the file that {'LANGFLOW_DATABASE_URL'} names",
        actual="the file is empty" if database.exists() else "there is no such file",
    )


@requirement("SETT-021")
async def test_the_jitter_is_added_to_the_number_of_requests(launch: Launch) -> None:
    """With a jitter of ten millions a worker outlives its 10 requests."""
    lane = await launch.shared(SPELT, workers=1)
    processes = lane.system.processes
    assert processes is not None

    async def serving() -> frozenset[int]:
        return processes.serving()

    before, _ = await eventually(serving, bool, within_s=_SERVING_WITHIN_S)
    async with visiting(lane.boot.url) as visitor:
        answers = [await visitor.ping() for _ in range(_REQUESTS)]

    after, _ = await eventually(serving, bool, within_s=_SERVING_WITHIN_S)
    served = sum(answer.ok for answer in answers)
    if not before or served <= 2 * _WITHOUT_JITTER:
        raise Inconclusive(f"{served} of {_REQUESTS} requests were served: too few to replace it")
    expect_that(
        before == after,
        expected="the worker still serves: 10 requests and a random share of ten millions",
        actual=f"process {sorted(before)} was replaced within {_REQUESTS} requests",
    )
