"""Every query, one method each, through SQLAlchemy: SQLite by default, PostgreSQL if configured.

A prediction moves only by :meth:`Database.signal`, one conditional update: whoever's update counts
a row has won, everybody else is told that it was too late.
"""

from __future__ import annotations

import fcntl
import time
import uuid
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import delete, event, func, insert, select, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from reference_impl.core.predictions import Signal, State, sources, target
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.tables import (
    API_KEYS,
    FLOWS,
    PREDICTIONS,
    USERS,
    ApiKey,
    Flow,
    Prediction,
    User,
    metadata,
)

SQLITE_BUSY_TIMEOUT_S = 10
POSTGRES_LOCK = 3_000_001

DatabaseError = SQLAlchemyError
NameTaken = IntegrityError


def database_url(settings: Settings) -> URL:
    """The configured database with an asynchronous driver."""
    if settings.database_url is not None:
        url = make_url(settings.database_url)
        sqlite = url.get_backend_name() == "sqlite"
        return url.set(drivername="sqlite+aiosqlite" if sqlite else "postgresql+asyncpg")
    if settings.database_type == "sqlite":
        file = settings.database_folder / "database.sqlite"
        return URL.create("sqlite+aiosqlite", database=str(file))
    return URL.create(
        "postgresql+asyncpg",
        username=settings.database_user,
        password=settings.database_password,
        host=settings.database_host,
        port=settings.database_port,
        database=settings.database_name,
    )


def make_engine(settings: Settings) -> AsyncEngine:
    """An engine whose every wait is bounded."""
    url = database_url(settings)
    bound_s = settings.answer_timeout_s
    if url.get_backend_name() != "sqlite":
        bounds = {"timeout": bound_s, "command_timeout": bound_s}
        return create_async_engine(
            url, pool_pre_ping=True, pool_timeout=bound_s, connect_args=bounds
        )
    engine = create_async_engine(url, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_S})
    event.listen(engine.sync_engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # No fsync a commit: a power cut may cost the last results, a crash of ours does not.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


class Database:
    """The queries, on one engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def prepare(self) -> None:
        """Create what is missing; processes that start together wait for each other."""
        async with self._alone() as connection:
            for table in metadata.sorted_tables:
                await connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    await connection.execute(CreateIndex(index, if_not_exists=True))

    async def ping(self) -> None:
        """Answer if the database does."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    # -- users and keys -----------------------------------------------------------------------

    async def user(self, **columns: object) -> User | None:
        """The user with these columns."""
        row = await self._one(select(USERS).filter_by(**columns))
        return User(**row) if row else None

    async def users_count(self) -> int:
        """How many users there are."""
        row = await self._one(select(func.count().label("n")).select_from(USERS))
        return int(row["n"]) if row else 0

    async def add_user(self, *, name: str, email: str, password: str, is_admin: bool) -> User:
        """Create a user; ``password`` is hashed already. Raises :data:`NameTaken`."""
        user = User(str(uuid.uuid4()), name, email, password, is_admin, time.time())
        await self._write(insert(USERS).values(**vars(user)))
        return user

    async def add_key(self, key: ApiKey) -> None:
        """Keep an API key."""
        await self._write(insert(API_KEYS).values(**vars(key)))

    async def keys(self, **columns: object) -> list[ApiKey]:
        """The API keys with these columns."""
        rows = await self._all(select(API_KEYS).filter_by(**columns).order_by(API_KEYS.c.created_s))
        return [ApiKey(**row) for row in rows]

    # -- flows --------------------------------------------------------------------------------

    async def add_flow(self, flow: Flow) -> None:
        """Store a flow."""
        await self._write(insert(FLOWS).values(**vars(flow)))

    async def change_flow(self, flow_id: str, **changes: object) -> None:
        """Set columns of a flow."""
        changes["updated_s"] = time.time()
        await self._write(update(FLOWS).where(FLOWS.c.id == flow_id).values(**changes))

    async def flow(self, flow_id: str) -> Flow | None:
        """The flow with this ID."""
        row = await self._one(select(FLOWS).where(FLOWS.c.id == flow_id))
        return Flow(**row) if row else None

    async def flows(self) -> list[Flow]:
        """Every flow, oldest first."""
        return [Flow(**row) for row in await self._all(select(FLOWS).order_by(FLOWS.c.created_s))]

    async def delete_flow(self, flow_id: str) -> None:
        """Delete a flow and its predictions that are over."""
        over = PREDICTIONS.c.state.in_([State.COMPLETED, State.FAILED, State.ABORTED])
        await self._write(delete(FLOWS).where(FLOWS.c.id == flow_id))
        await self._write(delete(PREDICTIONS).where(PREDICTIONS.c.flow_id == flow_id, over))

    # -- predictions --------------------------------------------------------------------------

    async def add_prediction(
        self, *, prediction_id: str, flow_id: str, chat_id: str, question: str
    ) -> None:
        """Write a prediction down before anybody can run it."""
        values = {"id": prediction_id, "flow_id": flow_id, "chat_id": chat_id, "question": question}
        fresh = {"state": State.WAITING, "events": 0, "abort_asked": False}
        await self._write(insert(PREDICTIONS).values(**values, **fresh, created_s=time.time()))

    async def prediction(self, prediction_id: str) -> Prediction | None:
        """The prediction with this ID."""
        row = await self._one(select(PREDICTIONS).where(PREDICTIONS.c.id == prediction_id))
        return _prediction(row) if row else None

    async def predictions(self, **columns: object) -> list[Prediction]:
        """The predictions with these columns, oldest first."""
        query = select(PREDICTIONS).filter_by(**columns).order_by(PREDICTIONS.c.created_s)
        return [_prediction(row) for row in await self._all(query)]

    async def predictions_among(self, ids: Collection[str]) -> list[Prediction]:
        """The predictions with these IDs."""
        if not ids:
            return []
        rows = await self._all(select(PREDICTIONS).where(PREDICTIONS.c.id.in_(ids)))
        return [_prediction(row) for row in rows]

    async def signal(
        self,
        prediction_id: str,
        signal: Signal,
        *,
        only_from: State | None = None,
        **columns: object,
    ) -> bool:
        """Move a prediction; False if it was past taking this signal. ``columns`` are set too."""
        state = target(signal)
        if state.is_over:
            columns["finished_s"] = time.time()
        taken = PREDICTIONS.c.state.in_([only_from] if only_from else sources(signal))
        statement = update(PREDICTIONS).where(PREDICTIONS.c.id == prediction_id, taken)
        async with self.engine.begin() as connection:
            done = await connection.execute(statement.values(state=state, **columns))
        return bool(done.rowcount == 1)

    async def ask_abort(self, flow_id: str, chat_id: str) -> list[Prediction]:
        """Mark the open predictions of a chat for abortion and return all there are."""
        chat = (PREDICTIONS.c.flow_id == flow_id, PREDICTIONS.c.chat_id == chat_id)
        is_open = PREDICTIONS.c.state.in_([State.WAITING, State.RUNNING])
        await self._write(update(PREDICTIONS).where(*chat, is_open).values(abort_asked=True))
        return await self.predictions(flow_id=flow_id, chat_id=chat_id)

    # -- how ----------------------------------------------------------------------------------

    async def _one(self, query: Any) -> dict[str, Any] | None:
        rows = await self._all(query)
        return rows[0] if rows else None

    async def _all(self, query: Any) -> list[dict[str, Any]]:
        async with self.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings().all()]

    async def _write(self, statement: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(statement)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[AsyncConnection]:
        """A transaction nobody else prepares the database in."""
        file = self.engine.url.database
        if self.engine.dialect.name == "postgresql" or not file or file == ":memory:":
            async with self.engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({POSTGRES_LOCK})"))
                yield connection
            return
        # The change of journal mode does not wait for other processes; a lock beside it does.
        with open(f"{file}.lock", "w") as lock:  # noqa: ASYNC230, PTH123 - once, at start
            fcntl.flock(lock, fcntl.LOCK_EX)
            async with self.engine.connect() as connection:
                await connection.execute(text("PRAGMA journal_mode=WAL"))
                yield connection
                await connection.commit()


def _prediction(row: dict[str, Any]) -> Prediction:
    return Prediction(**{**row, "state": State(row["state"])})
