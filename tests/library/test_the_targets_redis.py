"""Whether the Redis that was named is there, can be read, and is the target's."""

from __future__ import annotations

import asyncio
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from queueproof.config.load import REDIS_URL_VARIABLE, load_target
from queueproof.config.redis_url import check_plain_redis_url, index_of
from queueproof.errors import Inconclusive, NotAssessed, UsageError
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.key_patterns import KeyPatterns
from queueproof.targets.redis_errors import outcome_of
from queueproof.targets.redis_opening import acquaint, greet
from queueproof.targets.redis_view import RedisView

from .redis_looks import looking, nothing, run, server, target

# -- the URL -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "index"),
    [
        ("redis://127.0.0.1:6379", None),
        ("redis://127.0.0.1:6379/", None),
        ("redis://127.0.0.1:6379/1", 1),
        ("redis://127.0.0.1:6379?db=2", 2),
        ("redis://127.0.0.1:6379/?db=2&ssl_cert_reqs=none", 2),
        ("redis://127.0.0.1:6379/1?db=2", 2),
        ("rediss://user:p%40ss@127.0.0.1/%31", 1),
    ],
)
def test_the_index_is_what_redis_clients_take_it_for(url: str, index: int | None) -> None:
    assert index_of(url) == index
    assert Redis.from_url(url).connection_pool.connection_kwargs.get("db") == index


def test_a_client_of_another_index_is_one_whatever_the_url_says() -> None:
    """Else a flush of index 0 flushes the queue's."""
    for url in ("redis://127.0.0.1:1/1", "redis://127.0.0.1:1?db=1", "redis://127.0.0.1:1/3?db=1"):
        view = RedisView(url)
        assert view.home == 1
        for index in (0, 1, 5):
            assert view.client(index).connection_pool.connection_kwargs["db"] == index


SECRET = "sEc-ReT"


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{SECRET}@x@127.0.0.1:6379/1",
        f"redis://:{SECRET}#x@127.0.0.1:6379/1",
        f"redis://:{SECRET}/x@127.0.0.1:6379/1",
        f"redis://:{SECRET}?x@127.0.0.1:6379/1",
        f"redis://:{SECRET}@127.0.0.1:{SECRET}/1",
        f"redis://:{SECRET}@127.0.0.1:99999/1",
        f"redis://:{SECRET}@127.0.0.1:6379/one",
        f"redis://:{SECRET}@127.0.0.1:6379?db=one",
        f"redis://:{SECRET}@127.0.0.1:6379/-1",
        f"redis://:{SECRET}@[::1/1",
        f"redis://:{SECRET}@/1",
        f"redis://:{SECRET}@one:26379,two:26379/1",
        f"http://:{SECRET}@127.0.0.1:6379/1",
        f"redis://:{SECRET}@127.0.0.1:6379/1\n",
        f"{SECRET}",
    ],
)
def test_a_malformed_url_is_refused_before_anything_is_sent_and_not_printed(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        load_target(None, {REDIS_URL_VARIABLE: url})

    assert SECRET.lower() not in str(refused.value).lower()
    assert "\n" not in str(refused.value)


def test_a_password_in_a_file_or_an_argument_is_refused() -> None:
    for url in (f"redis://:{SECRET}@127.0.0.1/1", f"redis://127.0.0.1/1?password={SECRET}"):
        with pytest.raises(UsageError, match="carries a password") as refused:
            check_plain_redis_url(url, where="--redis-url")
        assert SECRET not in str(refused.value)


# -- is it the target's Redis ------------------------------------------------------------------


class Deaf(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def web() -> Iterator[int]:
    made = http.server.HTTPServer(("127.0.0.1", 0), Deaf)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made.server_address[1]
    made.shutdown()
    made.server_close()


def complaint(url: str) -> str:
    async def scenario() -> str:
        async with looking(url) as view:
            with pytest.raises(UsageError) as refused:
                await greet(view)
            return str(refused.value)

    said = str(run(scenario()))
    assert "\n" not in said
    assert SECRET not in said
    return said


def test_a_redis_that_is_not_there_is_a_mistake_in_the_url(web: int) -> None:
    assert "no Redis answers" in complaint("redis://127.0.0.1:1/1")
    assert "does not answer as Redis does" in complaint(f"redis://127.0.0.1:{web}/1")


def test_a_refused_login_a_missing_index_and_tls_are_told_apart() -> None:
    async def scenario() -> dict[str, str]:
        said = {}
        async with server("--databases", "4", password="right") as made:
            where = f"127.0.0.1:{made.port}"
            for name, url in {
                "none": f"redis://{where}/1",
                "wrong": f"redis://:{SECRET}@{where}/1",
                "alone": f"redis://{SECRET}@{where}/1",
                "index": f"redis://:right@{where}/9",
                "tls": f"rediss://:right@{where}/1",
            }.items():
                said[name] = await asyncio.to_thread(complaint, url)
        return said

    said = run(scenario())
    assert "refuses the login" in said["none"]
    assert "refuses the login" in said["wrong"]
    assert "a password alone as :password@" in said["alone"]
    assert "has no database index 9" in said["index"]
    assert "a port for redis://" in said["tls"]


def test_a_replica_is_told_with_its_masters_address() -> None:
    """What cases look for in Redis is not all there: subscriptions, connections."""

    async def scenario() -> tuple[str, int]:
        async with server() as master, server() as made:
            async with Redis.from_url(made.url()) as client:
                await client.replicaof("127.0.0.1", str(master.port))
            return await asyncio.to_thread(complaint, made.url(1)), master.port or 0

    said, master = run(scenario())
    assert "is a replica" in said
    assert f"which it calls 127.0.0.1:{master}" in said


@pytest.mark.parametrize("command", ["INFO", "CLIENT"])
def test_a_command_that_was_renamed_ends_no_run(command: str) -> None:
    """As in managed Redis: what needs it is not assessed, and it is named there."""

    async def scenario() -> str:
        async with server("--rename-command", command, "") as made, looking(made.url(1)) as view:
            return await greet(view)

    assert run(scenario()) == ""


@pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")
def test_a_sentinel_and_a_cluster_are_told(tmp_path: Path) -> None:
    async def scenario() -> tuple[str, str]:
        bus = ("--cluster-port", str(free_port()))
        async with server("--cluster-enabled", "yes", *bus) as made, looking(made.url()) as view:
            cluster = await greet(view)
        config = tmp_path / "sentinel.conf"
        config.write_text("", "ascii")
        made = RedisServer(find_redis_binary(), options=())
        await made.close()
        process = await asyncio.create_subprocess_exec(
            *("redis-server", str(config), "--sentinel", "--port", str(made.port or 26399)),
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            await asyncio.sleep(1.0)
            return cluster, await asyncio.to_thread(complaint, "redis://127.0.0.1:26399")
        finally:
            process.kill()
            await process.wait()

    cluster, sentinel = run(scenario())
    assert cluster == "Redis is a Cluster that serves 0 of its 16,384 slots"
    assert "write redis+sentinel://127.0.0.1:26399/SERVICE/0" in sentinel


@pytest.mark.parametrize("flowise", [False, True])
def test_the_targets_redis_is_known_by_a_scratch_job(
    flowise: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how its keys are named is learned, those a cancel leaves included."""
    monkeypatch.setattr("queueproof.targets.redis_opening.read_stream", nothing)

    async def scenario() -> tuple[str, KeyPatterns]:
        async with server() as made, looking(made.url(1)) as view:
            await greet(view)
            reason = await acquaint(target(view, made, flowise=flowise))
            return reason, view.patterns

    reason, patterns = run(scenario())
    assert reason == ""
    if flowise:
        assert patterns.numbered == {"bull:queue:"}
    else:
        assert patterns.of("7") == ["lf:cancel:7", "lf:job:7:activity", "lf:job:7:stream"]


def test_a_wrong_index_is_told_before_any_case() -> None:
    async def scenario() -> None:
        async with server() as made, looking(made.url(2)) as view:
            await acquaint(target(view, made, index=1))

    with pytest.raises(UsageError, match="leads to index 2, but the target's keys are at index 1"):
        run(scenario())


def test_another_redis_is_no_evidence() -> None:
    async def scenario() -> str:
        async with server() as made, server() as wrong, looking(wrong.url(1)) as view:
            return await acquaint(target(view, made))

    assert "it is not the target's Redis" in run(scenario())


@pytest.mark.parametrize("forbidden", ["scan", "dbsize"])
def test_a_forbidden_command_is_named(forbidden: str) -> None:
    async def scenario() -> str:
        async with server() as made:
            async with Redis.from_url(made.url()) as client:
                rules = ("on", ">pw", "~*", "&*", "+@all", f"-{forbidden}")
                await client.execute_command("ACL", "SETUSER", "looker", *rules)
            url = made.url(1).replace("redis://", "redis://looker:pw@")
            async with looking(url) as view:
                await greet(view)
                return await acquaint(target(view, made))

    assert forbidden.upper() in run(scenario())


def test_what_redis_refuses_is_not_assessed_and_what_it_does_not_answer_inconclusive() -> None:
    renamed = ResponseError("unknown command 'CONFIG', with args beginning with: 'GET' ")
    barred = NoPermissionError("this user has no permissions to run the 'config|get' command")
    for error, name in ((renamed, "CONFIG"), (barred, "CONFIG GET")):
        outcome = outcome_of(error)
        assert isinstance(outcome, NotAssessed)
        assert name in str(outcome)
    assert isinstance(outcome_of(RedisError("gone")), Inconclusive)
    full = outcome_of(ResponseError("OOM command not allowed when used memory > 'maxmemory'."))
    assert isinstance(full, Inconclusive)
    assert "OOM command not allowed" in str(full)


# -- heartbeats --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "by_seconds"), [(1, True), (1000, False), (10**6, False), (10**9, False)]
)
def test_a_heartbeat_in_another_unit_is_one_for_those_who_write_none(
    parts: int, by_seconds: bool
) -> None:
    """Whoever ages a heartbeat writes seconds, and must not write them over milliseconds."""

    async def look() -> tuple[bool, bool]:
        async with server() as made, looking(made.url(0)) as view:
            value = round(await view.now_s() * parts)
            await view.client(0).set("seen:a-job", str(value))
            strict = await view.heartbeat_of("a-job")
            any_unit = await view.heartbeat_of("a-job", in_any_unit=True)
            return strict is not None, any_unit is not None

    assert run(look()) == (by_seconds, True)
