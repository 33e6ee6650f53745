"""What is written in one go: a run's events into Redis, a program's rows into SQLite."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import redis.asyncio as aredis
import redis.exceptions as errors
from sqlalchemy import URL, Connection, text

from reference_impl.flowise.engines import SqliteEngine
from reference_impl.flowise.keys import Keys
from reference_impl.flowise.live_reader import announced
from reference_impl.flowise.live_writer import EVENTS_AT_ONCE, Events, Hold, LiveWriter

from .conftest import RedisServer

KEYS = Keys("writing")
HOLD = Hold("job", "chat", "token")
WRITERS = 20
HELD_S = 0.3


class Stuttering(LiveWriter):
    """Writes, and does not hear of the first write."""

    calls = 0

    async def _append(self, events: Events) -> int:
        self.calls += 1
        answer = await super()._append(events)
        if self.calls == 1:
            raise errors.ConnectionError("the answer is lost")
        return answer


def writing(server: RedisServer, play: Callable[[Stuttering], Awaitable[None]]) -> list[int]:
    """The numbers in the stream after a writer with a held job was played with."""

    async def run() -> list[int]:
        client = aredis.Redis(port=server.port, decode_responses=True)
        await client.hset(KEYS.job("job"), "data", "{}")
        await client.set(KEYS.lock("job"), HOLD.token)
        await play(Stuttering(client, KEYS, HOLD, patience_s=5.0))
        kept = await client.xrange(KEYS.live("job"))
        await client.aclose()
        return [told["number"] for _, fields in kept for told in announced(fields["event"])]

    return asyncio.run(run())


def test_what_is_told_at_once_is_written_at_once(redis_server: RedisServer) -> None:
    """Three events, one call, and its repetition after a lost answer: each is there once."""

    async def play(writer: Stuttering) -> None:
        for tick in range(3):
            await writer.tell("token", tick)
        assert (writer.count, writer.calls) == (0, 0)
        await writer.write()
        assert (writer.count, writer.calls) == (3, 2)

    assert writing(redis_server, play) == [1, 2, 3]


def test_a_long_burst_is_written_while_it_lasts(redis_server: RedisServer) -> None:
    """Nobody has to wait for the end of it."""

    async def play(writer: Stuttering) -> None:
        for tick in range(EVENTS_AT_ONCE + 1):
            await writer.tell("token", tick)
        assert writer.count == EVENTS_AT_ONCE

    assert writing(redis_server, play) == list(range(1, EVENTS_AT_ONCE + 1))


def test_a_large_event_is_not_kept_back(redis_server: RedisServer) -> None:
    """It goes out by itself."""

    async def play(writer: Stuttering) -> None:
        await writer.tell("token", "x" * 100_000)
        assert writer.count == 1

    assert writing(redis_server, play) == [1]


def _count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM t")).scalar_one())


def _add(connection: Connection) -> None:
    connection.execute(text("INSERT INTO t VALUES (1)"))


def _make(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE t (n INTEGER)"))


@pytest.mark.parametrize("file", ["rows.sqlite", ":memory:"])
def test_writers_side_by_side_all_write(tmp_path: Path, file: str) -> None:
    """A look and a read both find what they wrote."""

    async def play() -> tuple[int, int]:
        database = file if file == ":memory:" else str(tmp_path / file)
        engine = SqliteEngine(URL.create("sqlite", database=database))
        await engine.write_alone(_make)
        await asyncio.gather(*(engine.write(_add) for _ in range(WRITERS)))
        found = await engine.look(_count), await engine.read(_count)
        await engine.dispose()
        return found

    assert asyncio.run(play()) == (WRITERS, WRITERS)


def test_a_look_at_a_locked_file_waits_and_the_event_loop_does_not(tmp_path: Path) -> None:
    """Somebody else has the file to himself for a while."""
    file = tmp_path / "rows.sqlite"

    async def play(holder: sqlite3.Connection) -> int:
        engine = SqliteEngine(URL.create("sqlite", database=str(file)))
        await engine.write(_make)
        holder.execute("BEGIN EXCLUSIVE")
        look = asyncio.create_task(engine.look(_count))
        done, _ = await asyncio.wait({look}, timeout=HELD_S)
        assert not done
        holder.rollback()
        found = await look
        await engine.dispose()
        return found

    with contextlib.closing(sqlite3.connect(file)) as holder:
        assert asyncio.run(play(holder)) == 0
