"""The setting that leaves out what only makes the references quick."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from reference_impl import fast
from reference_impl.fast import starting
from reference_impl.fast.quick_reads import QuickReads
from reference_impl.flowise.engines import SqliteEngine
from reference_impl.langflow.component_runtime import in_thread
from reference_impl.langflow.database import Database


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fast.SETTING, "0")


@pytest.mark.parametrize(
    ("word", "enabled"), [("", True), ("1", True), ("true", True), ("0", False), (" OFF ", False)]
)
def test_the_quick_ways_are_taken_unless_they_are_switched_off(
    monkeypatch: pytest.MonkeyPatch, word: str, enabled: bool
) -> None:
    monkeypatch.setenv(fast.SETTING, word)

    assert fast.enabled() is enabled


def test_without_them_rows_are_read_by_the_driver(plain: None, tmp_path: Path) -> None:
    """And are the same."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'langflow.db'}"

    async def body() -> None:
        database = Database(create_async_engine(url))
        await database.create_tables()
        try:
            user = await database.add_user("ann", "secret", is_active=True, is_superuser=False)
            assert await database.user_by_id(user.id) == user
        finally:
            await database.close()
        assert QuickReads(make_url(url)).one(dict, "SELECT 1") == (False, None)

    asyncio.run(body())


def test_without_them_a_query_is_asked_in_a_thread(plain: None, tmp_path: Path) -> None:
    async def body() -> int:
        engine = SqliteEngine(make_url(f"sqlite:///{tmp_path / 'flowise.db'}"))
        try:
            return await engine.look(lambda _: threading.get_ident())
        finally:
            await engine.dispose()

    assert asyncio.run(body()) != threading.get_ident()


def test_without_them_a_call_has_a_thread_of_its_own(plain: None) -> None:
    async def body() -> list[threading.Thread]:
        return [await in_thread(threading.current_thread) for _ in range(3)]

    assert len(set(asyncio.run(body()))) == 3


def test_without_them_garbage_is_collected_from_the_start(plain: None) -> None:
    starting.begin()

    assert gc.isenabled()
