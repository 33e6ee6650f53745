"""Users, flows and replicas in a relational database, through SQLAlchemy."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    MetaData,
    String,
    Table,
    delete,
    event,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from reference_impl.fast.quick_reads import QuickReads
from reference_impl.langflow.settings import Settings

SQLITE_BUSY_TIMEOUT_S = 10
POSTGRES_LOCK = 7_860_001
SHOWN_OF_A_KEY = 8

metadata = MetaData()

USERS = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(255), unique=True, nullable=False),
    Column("password", String(255), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("is_superuser", Boolean, nullable=False),
    Column("created_s", Float, nullable=False),
    Column("updated_s", Float, nullable=False),
)

FLOWS = Table(
    "flows",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(36), nullable=False, index=True),
    Column("name", String(255), nullable=False),
    Column("description", String, nullable=True),
    Column("data", JSON, nullable=True),
    Column("updated_s", Float, nullable=False),
)

REPLICAS = Table(
    "replicas",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("queue_type", String(16), nullable=False),
    Column("last_seen_s", Float, nullable=False),
)

API_KEYS = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(36), nullable=False, index=True),
    Column("name", String(255), nullable=True),
    Column("begins", String(16), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created_s", Float, nullable=False),
)

QUICK_USER = "SELECT * FROM users WHERE id = ?"
QUICK_FLOW = "SELECT * FROM flows WHERE id = ? AND user_id = ?"

DatabaseError = SQLAlchemyError
NameTaken = IntegrityError


@dataclass(frozen=True)
class User:
    """A user as the database knows them."""

    id: str
    username: str
    password: str
    is_active: bool
    is_superuser: bool
    created_s: float
    updated_s: float


@dataclass(frozen=True)
class Flow:
    """A stored graph and whose it is."""

    id: str
    user_id: str
    name: str
    description: str | None
    data: dict[str, Any] | None
    updated_s: float


def _hash_of(key: str) -> str:
    """A key is as random as its hash: no salt, no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def _quick_user(row: dict[str, Any]) -> User:
    flags = {name: bool(row[name]) for name in ("is_active", "is_superuser")}
    return User(**row | flags)


def _quick_flow(row: dict[str, Any]) -> Flow:
    return Flow(**row | {"data": json.loads(row["data"]) if row["data"] is not None else None})


def async_url(settings: Settings) -> str:
    """The configured URL with an asynchronous driver; SQLite in the config directory if none."""
    if settings.database_url is None:
        return f"sqlite+aiosqlite:///{settings.config_path / 'langflow.db'}"
    url = make_url(settings.database_url)
    driver = "sqlite+aiosqlite" if url.get_backend_name() == "sqlite" else "postgresql+asyncpg"
    return url.set(drivername=driver).render_as_string(hide_password=False)


def make_engine(settings: Settings) -> AsyncEngine:
    """An engine for this process; never carried across a fork."""
    url = async_url(settings)
    if not url.startswith("sqlite"):
        bounds = {
            "timeout": settings.answer_timeout_s,
            "command_timeout": settings.answer_timeout_s,
        }
        return create_async_engine(
            url, pool_pre_ping=True, pool_timeout=settings.answer_timeout_s, connect_args=bounds
        )
    engine = create_async_engine(url, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_S})
    event.listen(engine.sync_engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # Readers beside a writer, and no fsync a commit: several workers share the file.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


class Database:
    """Every query, one method each."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._quick = QuickReads(engine.url)

    async def close(self) -> None:
        """Let go of all connections."""
        self._quick.close()
        await self.engine.dispose()

    async def create_tables(self) -> None:
        """Create what is missing; replicas that start together wait for each other."""
        async with self._exclusive() as connection:
            await connection.run_sync(metadata.create_all)

    async def ping(self) -> None:
        """Answer if the database does."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def user_by_name(self, username: str) -> User | None:
        """The user of that name."""
        return await self._user(USERS.c.username == username)

    async def user_by_id(self, user_id: str) -> User | None:
        """The user with that ID."""
        told, user = self._quick.one(_quick_user, QUICK_USER, user_id)
        if told:
            return user
        return await self._user(USERS.c.id == user_id)

    async def users(self) -> list[User]:
        """Every user, the oldest first."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(USERS).order_by(USERS.c.created_s))
            return [User(**row) for row in rows.mappings().all()]

    async def add_user(
        self, username: str, password: str, *, is_active: bool, is_superuser: bool
    ) -> User:
        """Create a user; raises :data:`NameTaken`."""
        now = time.time()
        user = User(str(uuid.uuid4()), username, password, is_active, is_superuser, now, now)
        await self._write(insert(USERS).values(**vars(user)))
        return user

    async def change_user(self, user_id: str, **changes: object) -> None:
        """Set columns of a user."""
        changes["updated_s"] = time.time()
        await self._write(update(USERS).where(USERS.c.id == user_id).values(**changes))

    async def delete_user(self, user_id: str) -> None:
        """Delete a user and their flows."""
        async with self.engine.begin() as connection:
            await connection.execute(delete(FLOWS).where(FLOWS.c.user_id == user_id))
            await connection.execute(delete(API_KEYS).where(API_KEYS.c.user_id == user_id))
            await connection.execute(delete(USERS).where(USERS.c.id == user_id))

    async def add_api_key(self, key: str, *, name: str | None, user_id: str) -> dict[str, Any]:
        """Keep a key's hash, and how it begins; its row."""
        row = {
            "id": str(uuid.uuid4()),
            "user_id": user_id,
            "name": name,
            "begins": key[:SHOWN_OF_A_KEY],
            "hash": _hash_of(key),
            "created_s": time.time(),
        }
        await self._write(insert(API_KEYS).values(**row))
        return row

    async def api_keys(self, *, user_id: str) -> list[dict[str, Any]]:
        """The rows of a user's keys, the oldest first."""
        query = select(API_KEYS).where(API_KEYS.c.user_id == user_id)
        async with self.engine.connect() as connection:
            rows = await connection.execute(query.order_by(API_KEYS.c.created_s))
            return [dict(row) for row in rows.mappings().all()]

    async def user_by_api_key(self, key: str) -> User | None:
        """Whose key it is."""
        owner = select(API_KEYS.c.user_id).where(API_KEYS.c.hash == _hash_of(key))
        return await self._user(USERS.c.id == owner.scalar_subquery())

    async def delete_api_key(self, key_id: str, *, user_id: str) -> bool:
        """Delete a user's key; whether there was one."""
        mine = (API_KEYS.c.id == key_id) & (API_KEYS.c.user_id == user_id)
        async with self.engine.begin() as connection:
            return (await connection.execute(delete(API_KEYS).where(mine))).rowcount > 0

    async def add_flow(self, flow: Flow) -> None:
        """Store a flow."""
        await self._write(insert(FLOWS).values(**vars(flow)))

    async def flow(self, flow_id: str, *, user_id: str) -> Flow | None:
        """A flow of this user; others' flows do not exist for them."""
        told, flow = self._quick.one(_quick_flow, QUICK_FLOW, flow_id, user_id)
        if told:
            return flow
        query = select(FLOWS).where(FLOWS.c.id == flow_id, FLOWS.c.user_id == user_id)
        async with self.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return Flow(**row) if row is not None else None

    async def flows(self, *, user_id: str) -> list[Flow]:
        """All flows of this user."""
        query = select(FLOWS).where(FLOWS.c.user_id == user_id).order_by(FLOWS.c.updated_s)
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [Flow(**row) for row in rows]

    async def delete_flow(self, flow_id: str) -> None:
        """Delete a flow."""
        await self._write(delete(FLOWS).where(FLOWS.c.id == flow_id))

    async def see_replica(self, replica_id: str, queue_type: str) -> None:
        """Write down that this replica lives."""
        values = {"queue_type": queue_type, "last_seen_s": time.time()}
        async with self.engine.begin() as connection:
            done = await connection.execute(
                update(REPLICAS).where(REPLICAS.c.id == replica_id).values(**values)
            )
            if done.rowcount == 0:
                await connection.execute(insert(REPLICAS).values(id=replica_id, **values))

    async def forget_replica(self, replica_id: str) -> None:
        """This replica stopped."""
        await self._write(delete(REPLICAS).where(REPLICAS.c.id == replica_id))

    async def live_queue_types(self, *, within_s: float) -> set[str]:
        """The queue types of replicas seen lately."""
        seen = select(REPLICAS.c.queue_type).where(REPLICAS.c.last_seen_s > time.time() - within_s)
        async with self.engine.connect() as connection:
            return {row[0] for row in (await connection.execute(seen)).all()}

    async def _user(self, condition: Any) -> User | None:
        async with self.engine.connect() as connection:
            row = (
                (await connection.execute(select(USERS).where(condition))).mappings().one_or_none()
            )
        return User(**row) if row is not None else None

    async def _write(self, statement: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(statement)

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({POSTGRES_LOCK})"))
            yield connection
