"""How a query reaches its database: SQLite by a thread of ours, PostgreSQL by its own driver.

A query is a plain function of a connection, and one transaction. An asynchronous driver for SQLite
hands every step of it (begin, execute, fetch, commit) to a thread and back; here the whole of it
goes there once. Writes have a thread of their own: the writers of one process need not find out
by waiting that the file takes one at a time, and nobody's read stands behind a wait for the file.

A look at rows by their key takes less time than the way to a thread, and with a write-ahead log no
writer holds it up: so it is done where it is asked for. So is a write of one row, which waits for
no disk either. Whatever is odd (a lock, no file yet) is left to the thread, which waits or tells
it, as is the copying of the log into the file.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import functools
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, StaticPool, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from reference_impl import fast
from reference_impl.fast.prepared import Direct, LeftToOthers
from reference_impl.flowise.statements import Rows, Statement, rows_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

SQLITE_BUSY_TIMEOUT_S = 10
POSTGRES_LOCK = 3_000_001
# Direct writes after which the log is copied into the file: some four megabytes.
COPY_EVERY = 300
MEMORY = (None, "", ":memory:")

Result = TypeVar("Result")
Query = Callable[[Connection], Result]


# Most of the log while others write, then the rest of it while they wait: only a log that is copied
# to its end is begun anew. They do not wait long for a reader who stands still.
COPY = (
    text("PRAGMA wal_checkpoint(PASSIVE)"),
    text("PRAGMA busy_timeout=50"),
    text("PRAGMA wal_checkpoint(RESTART)"),
    text(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_S * 1000}"),
)


class Engine(Protocol):
    """Runs queries, each in a transaction of its own, and waits for none without end."""

    async def look(self, query: Query[Result]) -> Result:
        """What the query finds: a few rows by their key, at most."""

    async def read(self, query: Query[Result]) -> Result:
        """What the query finds."""

    async def write(self, query: Query[Result]) -> Result:
        """What the query returned, once what it wrote is kept."""

    async def find(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """As :meth:`look`, by a statement that is used again and again."""

    async def change(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """As :meth:`write`, by such a statement; how many rows were written."""

    async def write_alone(self, query: Query[Result]) -> Result:
        """As :meth:`write`, while no other process of this deployment is in here."""

    async def dispose(self) -> None:
        """Let go of the database."""


def engine_for(url: URL, *, bound_s: float) -> Engine:
    """The engine for a database; a PostgreSQL answers within ``bound_s``."""
    if url.get_backend_name() == "sqlite":
        return SqliteEngine(url.set(drivername="sqlite"))
    return PostgresEngine(url.set(drivername="postgresql+asyncpg"), bound_s=bound_s)


class SqliteEngine:
    """A file, or memory, in this process's threads."""

    def __init__(self, url: URL) -> None:
        self._file = None if url.database in MEMORY else url.database
        waits = {"timeout": SQLITE_BUSY_TIMEOUT_S}
        shared: dict[str, Any] = {} if self._file else {"poolclass": StaticPool}
        self._engine = create_engine(url, connect_args=waits, **shared)
        event.listen(self._engine, "connect", _tune)
        # No waiting for a lock here: the event loop stands still meanwhile.
        self._looking = create_engine(url, connect_args={"timeout": 0}, poolclass=StaticPool)
        self._quick = self._file is not None and fast.enabled()
        self._direct = Direct(self._file) if self._file and self._quick else None
        self._changes = 0
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        # A database in memory is one connection, hence one thread.
        self._reader = ThreadPoolExecutor(1, "reader") if self._file else self._writer

    async def look(self, query: Query[Result]) -> Result:
        """Find something that is found at once."""
        if not self._quick:
            return await self.read(query)
        try:
            with self._looking.connect() as connection:
                return query(connection)
        except OperationalError:
            return await self.read(query)

    async def read(self, query: Query[Result]) -> Result:
        """Find something."""
        return await self._in_thread(self._reader, self._found, query)

    async def write(self, query: Query[Result]) -> Result:
        """Write something."""
        return await self._in_thread(self._writer, self._written, query)

    async def find(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """Find something where it is asked for."""
        if self._direct is not None:
            with contextlib.suppress(LeftToOthers):
                return self._direct.find(statement, values)
        return await self.read(rows_of(statement, values))

    async def change(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """Write where it is asked for, unless somebody writes just now."""
        if self._direct is not None:
            with contextlib.suppress(LeftToOthers):
                changed = self._direct.change(statement, values)
                self._copy_now_and_then()
                return changed
        return await self.write(lambda to: to.execute(statement, values).rowcount)

    async def write_alone(self, query: Query[Result]) -> Result:
        """Write what only one process may at a time."""
        return await self._in_thread(self._writer, self._written_alone, query)

    async def dispose(self) -> None:
        """Close the file."""
        for executor in {self._reader, self._writer}:
            executor.shutdown(wait=False, cancel_futures=True)
        if self._direct is not None:
            self._direct.close()
        self._looking.dispose()
        self._engine.dispose()

    def _copy_now_and_then(self) -> None:
        self._changes += 1
        if self._changes % COPY_EVERY == 0:
            # What is not copied now, because somebody reads it, is copied next time.
            self._writer.submit(self._found, _copy)

    async def _in_thread(
        self,
        executor: Executor,
        run: Callable[[Query[Result]], Result],
        query: Query[Result],
    ) -> Result:
        """Behind others in the thread, and then for the file: no longer than for one wait."""
        running = asyncio.get_running_loop().run_in_executor(executor, run, query)
        try:
            async with asyncio.timeout(2 * SQLITE_BUSY_TIMEOUT_S):
                return await running
        except TimeoutError:
            raise WaitedTooLong("the database file is held by somebody else") from None

    def _found(self, query: Query[Result]) -> Result:
        with self._engine.connect() as connection:
            return query(connection)

    def _written(self, query: Query[Result]) -> Result:
        with self._engine.begin() as connection:
            return query(connection)

    def _written_alone(self, query: Query[Result]) -> Result:
        if self._file is None:
            return self._written(query)
        # The change of journal mode does not wait for other processes; a lock beside it does.
        with open(f"{self._file}.lock", "w") as lock:  # noqa: PTH123
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self._engine.connect() as connection:
                connection.execute(text("PRAGMA journal_mode=WAL"))
                result = query(connection)
                connection.commit()
                return result


class PostgresEngine:
    """A server, through an asynchronous driver."""

    def __init__(self, url: URL, *, bound_s: float) -> None:
        self._url = url
        self._bound_s = bound_s

    @functools.cached_property
    def _engine(self) -> AsyncEngine:
        # Imported where it is used: it costs every start on SQLite a sixth of its time.
        from sqlalchemy.ext.asyncio import create_async_engine

        bounds = {"timeout": self._bound_s, "command_timeout": self._bound_s}
        return create_async_engine(
            self._url, pool_pre_ping=True, pool_timeout=self._bound_s, connect_args=bounds
        )

    async def look(self, query: Query[Result]) -> Result:
        """Find something."""
        return await self.read(query)

    async def read(self, query: Query[Result]) -> Result:
        """Find something."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(query)

    async def write(self, query: Query[Result]) -> Result:
        """Write something."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(query)

    async def find(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """Find something."""
        return await self.read(rows_of(statement, values))

    async def change(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """Write something."""
        return await self.write(lambda to: to.execute(statement, values).rowcount)

    async def write_alone(self, query: Query[Result]) -> Result:
        """Write what only one process may at a time."""
        lock = text(f"SELECT pg_advisory_xact_lock({POSTGRES_LOCK})")
        async with self._engine.begin() as connection:
            await connection.execute(lock)
            return await connection.run_sync(query)

    async def dispose(self) -> None:
        """Close the connections."""
        await self._engine.dispose()


def _copy(connection: Connection) -> None:
    for statement in COPY:
        connection.execute(statement).close()


def _tune(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # No fsync a commit: a power cut may cost the last results, a crash of ours does not.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
