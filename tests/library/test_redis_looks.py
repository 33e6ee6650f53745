"""Looks into a Redis that is not ours: whether it is the target's, what a look costs, whose keys
are read and lost. Played on real servers.
"""

from __future__ import annotations

import asyncio
import http.server
import shutil
import threading
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from queueproof.config.load import REDIS_URL_VARIABLE, load_target
from queueproof.config.redis_url import check_plain_redis_url, index_of
from queueproof.errors import Inconclusive, NotAssessed, UsageError
from queueproof.faults.flush import EmptiedRedis, FlushedIndex
from queueproof.faults.redis_restart import RedisRestart
from queueproof.stack.ports import free_port
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets import redis_budget
from queueproof.targets.key_patterns import KeyPatterns
from queueproof.targets.redis_errors import outcome_of
from queueproof.targets.redis_opening import acquaint, greet
from queueproof.targets.redis_view import RedisView
from queueproof.targets.system import System

MANY = 1_000_000


@asynccontextmanager
async def server(*options: str, password: str = "") -> AsyncIterator[RedisServer]:
    made = RedisServer(
        find_redis_binary(), options=("--enable-debug-command", "yes", *options), password=password
    )
    try:
        await made.start()
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[RedisView]:
    view = RedisView(url)
    try:
        yield view
    finally:
        await view.close()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def populate(made: RedisServer, index: int, keys: int = MANY) -> None:
    async with Redis.from_url(made.url(index), socket_timeout=60.0) as client:
        await client.execute_command("DEBUG", "POPULATE", str(keys), f"tenant{index}")


async def written(made: RedisServer) -> int:
    """How many commands that may write the server has carried out, by its own statistics."""
    async with Redis.from_url(made.url()) as client:
        return int((await client.info("persistence"))["rdb_changes_since_last_save"])


class Target:
    """Stands for a target: it makes a job's keys when one is submitted, some when it ends."""

    def __init__(self, view: RedisView, made: RedisServer, *, index: int, flowise: bool) -> None:
        self.redis = view
        self.adapter = SimpleNamespace(operations={"predict"} if flowise else {"poll"})
        self._url = made.url(index)
        self._flowise = flowise
        self.jobs = 6

    async def try_submit(self, _: Any) -> tuple[Any, Any]:
        job = SimpleNamespace(id=str(uuid.uuid4()), key=uuid.uuid4().hex, owner="a", system=self)
        async with Redis.from_url(self._url) as client:
            if self._flowise:
                self.jobs += 1
                fields = {"data": f'"{job.key}"', "name": "job", "opts": "{}", "timestamp": "1"}
                await client.hset(f"bull:queue:{self.jobs}", mapping=cast(Any, fields))
                await client.set("bull:queue:id", self.jobs)
            else:
                await client.xadd(f"lf:job:{job.id}:stream", {"a": "b"})
        return job, SimpleNamespace(words="200")

    async def poll(self, job: Any, **_: Any) -> None:
        async with Redis.from_url(self._url) as client:
            await client.set(f"lf:job:{job.id}:activity", "1.0", ex=9)

    def others(self, _: Any) -> list[str]:
        return ["b"]

    async def cancel(self, job: Any, **_: Any) -> None:
        if not self._flowise:
            async with Redis.from_url(self._url) as client:
                await client.set(f"lf:cancel:{job.id}", "1", ex=9)


def target(view: RedisView, made: RedisServer, *, index: int = 1, flowise: bool = False) -> System:
    return cast(System, Target(view, made, index=index, flowise=flowise))


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
    assert "Redis is a Cluster" in cluster
    assert "What needs Redis is not judged" in cluster
    assert "write redis+sentinel://127.0.0.1:26399/SERVICE/0" in sentinel


@pytest.mark.parametrize("flowise", [False, True])
def test_the_targets_redis_is_known_by_a_scratch_job(
    flowise: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how its keys are named is learned, those a cancel leaves included."""
    monkeypatch.setattr("queueproof.targets.redis_opening.read_stream", _nothing)

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


# -- what a look costs -------------------------------------------------------------------------


def test_looks_into_a_million_foreign_keys_on_two_indexes_are_few_commands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Learned once, within its bound; then a dozen commands a look, none of them a SCAN.

    Commands are counted; how long they take is this machine's affair.
    """
    monkeypatch.setattr("queueproof.targets.redis_opening.LEARNING_MS", 600_000.0)

    async def scenario() -> None:
        async with server() as made:
            await populate(made, 0)
            await populate(made, 1)
            async with looking(made.url(1)) as view:
                here = cast(Any, target(view, made))
                before = await written(made)
                assert await acquaint(here) == ""
                assert view.budget.commands < redis_budget.LEARNING_COMMANDS
                # Three keys of the scratch job: what the target wrote, and nothing besides.
                assert await written(made) - before == 3
                job, _ = await here.try_submit(None)
                seen = view.budget.commands
                look = await view.look(job.id, everywhere=True)
                assert [key.name for key in look.keys] == [f"lf:job:{job.id}:stream"]
                assert {key.index for key in look.keys} == {1}
                assert not look.complete
                assert view.budget.commands - seen <= 20

    run(scenario())


def test_an_index_collision_is_seen_beside_a_million_keys() -> None:
    async def scenario() -> set[int]:
        async with server() as made:
            await populate(made, 0)
            async with looking(made.url(1)) as view:
                here = cast(Any, target(view, made))
                await acquaint(here)
                job, _ = await here.try_submit(None)
                async with Redis.from_url(made.url(0)) as client:
                    await client.set(f"lf:cancel:{job.id}", "1")
                return {key.index for key in (await view.look(job.id, everywhere=True)).keys}

    assert run(scenario()) == {0, 1}


def test_of_a_hundred_thousand_foreign_hashes_none_is_read() -> None:
    async def scenario() -> None:
        async with server() as made:
            async with Redis.from_url(made.url(1)) as client:
                async with client.pipeline(transaction=False) as pipeline:
                    for number in range(100_000):
                        pipeline.hset(f"bull:tenants:{number}", "data", "private")
                    await pipeline.execute()
                await client.config_resetstat()
            async with looking(made.url(1)) as view:
                here = cast(Any, target(view, made, flowise=True))
                # The scratch job is read to its end by its reader, which this target has not.
                with pytest.MonkeyPatch.context() as patched:
                    patched.setattr("queueproof.targets.redis_opening.read_stream", _nothing)
                    assert await acquaint(here) == ""
                job, _ = await here.try_submit(None)
                name, fields = await view.hash_with(job.key, within_s=1.0)
                assert name == "bull:queue:8"
                assert fields == {"data", "name", "opts", "timestamp"}
                assert await view.hash_with("of nobody", within_s=0.2) == ("", set())
                async with Redis.from_url(made.url()) as client:
                    calls = (await client.info("commandstats"))["cmdstat_hgetall"]["calls"]
                assert calls <= 5

    run(scenario())


async def _nothing(_: Any) -> None: ...


def test_a_redis_too_large_to_learn_from_says_what_a_look_would_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("queueproof.targets.redis_opening.LEARNING_COMMANDS", 100)

    async def scenario() -> str:
        async with server() as made:
            await populate(made, 1)
            async with looking(made.url(1)) as view:
                reason = await acquaint(target(view, made))
                assert view.budget.commands <= 110
                return reason

    reason = run(scenario())
    assert "Redis holds 1,000,00" in reason
    assert "one look through them would take 1,001 commands and " in reason


def test_a_run_asks_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queueproof.targets.redis_budget.RUN_COMMANDS", 5)

    async def scenario() -> None:
        async with server() as made, looking(made.url(1)) as view:
            for _ in range(9):
                await view.keys_of("nobody")

    with pytest.raises(Inconclusive, match="as much as it may: 5 commands"):
        run(scenario())


# -- whose keys are flushed --------------------------------------------------------------------


@pytest.mark.parametrize("foreign", [True, False])
def test_a_flush_spares_other_peoples_keys(foreign: bool) -> None:
    """--disposable is said of the target, not of what else its Redis holds."""

    async def scenario() -> int:
        async with server() as made, looking(made.url(1)) as view:
            await acquaint(target(view, made))
            async with Redis.from_url(made.url(1)) as client:
                await client.set("lf:of-the-target", "1")
                if foreign:
                    await client.set("tenant:order:17", "1")
                faults = (
                    FlushedIndex(view, 1),
                    EmptiedRedis(view),
                    RedisRestart(RedisPlace(view), keep_data=False, down_s=0.0),
                )
                for fault in faults if foreign else faults[:1]:
                    if foreign:
                        with pytest.raises(NotAssessed, match="not flushed: 1 of 5 keys"):
                            await fault.apply()
                    else:
                        await fault.apply()
                    await fault.heal()
                return int(await client.dbsize())

    assert run(scenario()) == (5 if foreign else 0)


def test_a_large_index_is_not_flushed() -> None:
    async def scenario() -> None:
        async with server() as made:
            await populate(made, 0, 100_000)
            async with looking(made.url(1)) as view:
                with pytest.raises(NotAssessed, match="100,000 keys at index 0"):
                    await FlushedIndex(view, 0).apply()
                assert await view.size(0) == 100_000

    run(scenario())


def test_names_that_the_target_shares_with_others_are_not_its_own() -> None:
    patterns = KeyPatterns.of_job("7c1", ["lf:job:7c1:stream"], ["bull:flowise-queue:12"])

    assert patterns.owns("lf:worker:3")
    assert patterns.owns("bull:flowise-queue:meta")
    assert not patterns.owns("bull:tenants:12")
    assert not patterns.owns("session:7")
