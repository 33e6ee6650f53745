"""Rows straight from the SQLite file: the same as the asynchronous way tells, at any moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from reference_impl.fast.quick_reads import QuickReads
from reference_impl.langflow.database import QUICK_USER, Database, Flow


@asynccontextmanager
async def databases(folder: Path) -> AsyncIterator[tuple[Database, Database]]:
    """Two workers' views of one file."""
    url = f"sqlite+aiosqlite:///{folder / 'langflow.db'}"
    one, other = Database(create_async_engine(url)), Database(create_async_engine(url))
    await one.create_tables()
    try:
        yield one, other
    finally:
        await one.close()
        await other.close()


def run(folder: Path, body: Callable[[Database, Database], Awaitable[None]]) -> None:
    async def inside() -> None:
        async with databases(folder) as (one, other):
            await body(one, other)

    asyncio.run(inside())


def test_what_another_worker_wrote_is_seen_at_once(tmp_path: Path) -> None:
    """A user that is made, changed and deleted elsewhere."""

    async def body(one: Database, other: Database) -> None:
        user = await one.add_user("ann", "secret", is_active=False, is_superuser=True)
        assert await other.user_by_id(user.id) == user
        await one.change_user(user.id, is_active=True)
        seen = await other.user_by_id(user.id)
        assert seen is not None
        assert seen.is_active is True
        await one.delete_user(user.id)
        assert await other.user_by_id(user.id) is None

    run(tmp_path, body)


def test_a_flow_comes_with_its_graph_and_only_to_its_user(tmp_path: Path) -> None:
    """As the asynchronous way has it, and nobody else's."""

    async def body(one: Database, other: Database) -> None:
        for data in ({"nodes": [{"id": "a"}], "edges": []}, None):
            flow = Flow(f"f{data is None}", "u1", "name", None, data, time.time())
            await one.add_flow(flow)
            assert await other.flow(flow.id, user_id="u1") == flow
            assert flow in await other.flows(user_id="u1")
            assert await other.flow(flow.id, user_id="u2") is None

    run(tmp_path, body)


def test_what_it_cannot_tell_is_left_to_the_other_way(tmp_path: Path) -> None:
    """No file yet, no table yet, another database."""
    missing = QuickReads(make_url(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"))
    (tmp_path / "empty.db").touch()
    empty = QuickReads(make_url(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"))
    others = [QuickReads(make_url(url)) for url in ("sqlite://", "postgresql+asyncpg://h/db")]

    for reads in (missing, empty, *others):
        assert reads.one(dict, QUICK_USER, "u1") == (False, None)
    assert not (tmp_path / "none.db").exists()


def test_a_row_is_read_again_only_when_somebody_committed_something(tmp_path: Path) -> None:
    """Asked twice it is read once; a user or a flow that is gone, or new, is seen at once."""
    made = list[dict[str, object]]()

    async def body(one: Database, other: Database) -> None:
        reads = QuickReads(make_url(f"sqlite:///{tmp_path / 'langflow.db'}"))
        user = await one.add_user("ann", "secret", is_active=True, is_superuser=False)

        def seen() -> object:
            return reads.one(lambda row: made.append(row) or row["is_active"], QUICK_USER, user.id)

        assert [seen(), seen(), seen()] == [(True, 1)] * 3
        assert len(made) == 1
        for who, active in ((one, False), (other, True)):
            await who.change_user(user.id, is_active=active)
            assert [seen(), seen()] == [(True, int(active))] * 2
        assert len(made) == 3
        assert reads.one(dict, QUICK_USER, "nobody") == (True, None)
        await other.delete_user(user.id)
        assert seen() == (True, None)
        reads.close()

    run(tmp_path, body)
