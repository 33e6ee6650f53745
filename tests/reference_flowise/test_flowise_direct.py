"""What is done in the event loop itself: rows by their key, channels that are heard already."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as aredis
from sqlalchemy import URL, text

from reference_impl.core.predictions import Signal, State
from reference_impl.flowise.database import PREDICTION_BY_ID, Database, NameTaken
from reference_impl.flowise.engines import COPY_EVERY, SqliteEngine
from reference_impl.flowise.keys import Keys
from reference_impl.flowise.listener import Listener
from reference_impl.flowise.redis_link import RESP_VERSION
from reference_impl.flowise.statements import rows_of

from .conftest import RedisServer

HELD_S = 0.3
RESULT = {"text": "tick-1", "nested": [{"a": None}]}


def playing(file: Path, play: Callable[[Database], Awaitable[Any]]) -> Any:
    """Play with a database in a file."""

    async def run() -> Any:
        database = Database(SqliteEngine(URL.create("sqlite", database=str(file))))
        await database.prepare()
        await add(database, "p")
        found = await play(database)
        await database.engine.dispose()
        return found

    return asyncio.run(run())


async def add(database: Database, key: str) -> None:
    """A prediction that waits."""
    await database.add_prediction(prediction_id=key, flow_id="f", chat_id="c", question="é")


def test_a_row_found_directly_is_the_row_that_is_there(tmp_path: Path) -> None:
    """Types go in and come out as by the longer way."""

    async def play(database: Database) -> None:
        assert await database.signal("p", Signal.START, only_from=State.WAITING, worker="w")
        assert await database.signal("p", Signal.COMPLETE, result=RESULT, events=3)
        key = {"key": "p"}
        direct = await database.engine.find(PREDICTION_BY_ID, key)
        assert direct == await database.engine.read(rows_of(PREDICTION_BY_ID, key))
        assert (direct[0]["result"], direct[0]["abort_asked"]) == (RESULT, False)

    playing(tmp_path / "rows.sqlite", play)


def test_a_signal_that_comes_too_late_changes_nothing(tmp_path: Path) -> None:
    """The condition is part of the statement."""

    async def play(database: Database) -> list[bool]:
        return [
            await database.signal("p", Signal.ABORT, only_from=State.WAITING),
            await database.signal("p", Signal.START, only_from=State.WAITING),
            await database.signal("p", Signal.COMPLETE, result=RESULT),
        ]

    assert playing(tmp_path / "rows.sqlite", play) == [True, False, False]


def test_a_name_that_is_taken_is_told(tmp_path: Path) -> None:
    """By the error that everybody knows."""

    async def play(database: Database) -> None:
        with pytest.raises(NameTaken):
            await add(database, "p")

    playing(tmp_path / "rows.sqlite", play)


def test_a_write_into_a_locked_file_waits_and_the_event_loop_does_not(tmp_path: Path) -> None:
    """Somebody else writes for a while."""
    file = tmp_path / "rows.sqlite"

    async def play(database: Database) -> bool:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            write = asyncio.create_task(database.signal("p", Signal.START))
            done, _ = await asyncio.wait({write}, timeout=HELD_S)
            assert not done
            holder.execute("ROLLBACK")
            return await write

    assert playing(file, play) is True


def test_the_log_of_writes_does_not_grow_for_ever(tmp_path: Path) -> None:
    """It is copied into the file now and then, and used anew."""
    file = tmp_path / "rows.sqlite"
    log, sizes = f"{file}-wal", list[int]()

    async def play(database: Database) -> None:
        for round_ in range(4):
            for number in range(COPY_EVERY):
                await add(database, f"{round_}-{number}")
            # Behind the copying, in its thread.
            await database.engine.write(lambda to: to.execute(text("SELECT 1")).close())
            sizes.append(os.stat(log).st_size)  # noqa: PTH116 - nobody else waits

    playing(file, play)
    assert sizes[-1] <= 1.5 * sizes[0], sizes


def listening(
    server: RedisServer, play: Callable[[Listener, aredis.Redis], Awaitable[None]]
) -> None:
    """Play with a listener that listens."""

    async def run() -> None:
        client = aredis.Redis(port=server.port, decode_responses=True, protocol=RESP_VERSION)
        listener = Listener(client, Keys("direct"))
        hearing = asyncio.create_task(listener.run())
        try:
            await subscribed(client, "direct:listening")
            await play(listener, client)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            await client.aclose()

    asyncio.run(run())


async def subscribed(client: aredis.Redis, channel: str) -> None:
    """Return when somebody is subscribed to a channel."""
    async with asyncio.timeout(5.0):
        while channel not in await client.pubsub_channels():  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)


async def left(client: aredis.Redis, channel: str) -> None:
    """Return when nobody is subscribed to a channel."""
    async with asyncio.timeout(5.0):
        while channel in await client.pubsub_channels():  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)


def test_a_reader_that_is_heard_for_before_its_job_has_nothing_to_catch_up(
    redis_server: RedisServer,
) -> None:
    """And one whose subscription is not confirmed yet has."""

    async def play(listener: Listener, client: aredis.Redis) -> None:
        reader, hasty = await listener.open("job", "chat"), await listener.open("hasty", "other")
        listener.begins("hasty", "other")
        assert hasty.is_behind
        await subscribed(client, "chat")
        async with asyncio.timeout(5.0):
            while reader.is_behind:
                await asyncio.sleep(0.01)
                listener.begins("job", "chat")

    listening(redis_server, play)


def test_a_channel_is_left_behind_its_last_reader_and_can_be_read_again(
    redis_server: RedisServer,
) -> None:
    """Left soon, not at once: who comes back meanwhile finds it."""

    async def play(listener: Listener, client: aredis.Redis) -> None:
        for _ in range(2):
            reader = await listener.open("job", "chat")
            await subscribed(client, "chat")
            await listener.close(reader)
            again = await listener.open("job", "chat")
            await asyncio.sleep(2.5)
            assert "chat" in await client.pubsub_channels()
            await listener.close(again)
            await left(client, "chat")

    listening(redis_server, play)
