"""Every query, one method each, through SQLAlchemy: SQLite by default, PostgreSQL if configured.

A prediction moves only by :meth:`Database.signal`, one conditional update: whoever's update counts
a row has won, everybody else is told that it was too late.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Select,
    Update,
    bindparam,
    delete,
    func,
    insert,
    make_url,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from reference_impl.core.predictions import Signal, State, sources, target
from reference_impl.flowise.engines import Engine, engine_for
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.statements import rows_of
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

DatabaseError = SQLAlchemyError
NameTaken = IntegrityError

# What every single prediction needs is put together once.
FLOW_BY_ID = select(FLOWS).where(FLOWS.c.id == bindparam("key"))
PREDICTION_BY_ID = select(PREDICTIONS).where(PREDICTIONS.c.id == bindparam("key"))
PREDICTIONS_BY_IDS = select(PREDICTIONS).where(
    PREDICTIONS.c.id.in_(bindparam("keys", expanding=True))
)
COUNT_USERS = select(func.count().label("n")).select_from(USERS)
ADD_PREDICTION = insert(PREDICTIONS)
ANSWER = text("SELECT 1")
# So many are found sooner one by one.
FEW = 4


def database_url(settings: Settings) -> URL:
    """The configured database."""
    if settings.database_url is not None:
        return make_url(settings.database_url)
    if settings.database_type == "sqlite":
        return URL.create("sqlite", database=str(settings.database_folder / "database.sqlite"))
    return URL.create(
        "postgresql",
        username=settings.database_user,
        password=settings.database_password,
        host=settings.database_host,
        port=settings.database_port,
        database=settings.database_name,
    )


def make_engine(settings: Settings) -> Engine:
    """An engine whose every wait is bounded."""
    return engine_for(database_url(settings), bound_s=settings.answer_timeout_s)


class Database:
    """The queries, on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def prepare(self) -> None:
        """Create what is missing; processes that start together wait for each other."""
        await self.engine.write_alone(_prepare)

    async def ping(self) -> None:
        """Answer if the database does."""
        await self.engine.look(rows_of(ANSWER))

    # -- users and keys -----------------------------------------------------------------------

    async def user(self, **columns: object) -> User | None:
        """The user with these columns."""
        row = await self._one(_user_by(*columns), columns)
        return User(**row) if row else None

    async def users_count(self) -> int:
        """How many users there are."""
        row = await self._one(COUNT_USERS, {})
        return int(row["n"]) if row else 0

    async def add_user(self, *, name: str, email: str, password: str, is_admin: bool) -> User:
        """Create a user; ``password`` is hashed already. Raises :data:`NameTaken`."""
        user = User(str(uuid.uuid4()), name, email, password, is_admin, time.time())
        await self._write(insert(USERS), vars(user))
        return user

    async def add_key(self, key: ApiKey) -> None:
        """Keep an API key."""
        await self._write(insert(API_KEYS), vars(key))

    async def keys(self, **columns: object) -> list[ApiKey]:
        """The API keys with these columns."""
        rows = await self._all(select(API_KEYS).filter_by(**columns).order_by(API_KEYS.c.created_s))
        return [ApiKey(**row) for row in rows]

    # -- flows --------------------------------------------------------------------------------

    async def add_flow(self, flow: Flow) -> None:
        """Store a flow."""
        await self._write(insert(FLOWS), vars(flow))

    async def change_flow(self, flow_id: str, **changes: object) -> None:
        """Set columns of a flow."""
        changes["updated_s"] = time.time()
        await self._write(update(FLOWS).where(FLOWS.c.id == flow_id).values(**changes))

    async def flow(self, flow_id: str) -> Flow | None:
        """The flow with this ID."""
        row = await self._one(FLOW_BY_ID, {"key": flow_id})
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
        await self.engine.change(ADD_PREDICTION, {**values, **fresh, "created_s": time.time()})

    async def prediction(self, prediction_id: str) -> Prediction | None:
        """The prediction with this ID."""
        row = await self._one(PREDICTION_BY_ID, {"key": prediction_id})
        return _prediction(row) if row else None

    async def predictions(self, **columns: object) -> list[Prediction]:
        """The predictions with these columns, oldest first."""
        query = select(PREDICTIONS).filter_by(**columns).order_by(PREDICTIONS.c.created_s)
        return [_prediction(row) for row in await self._all(query)]

    async def predictions_among(self, ids: Collection[str]) -> list[Prediction]:
        """The predictions with these IDs."""
        if not ids:
            return []
        if len(ids) <= FEW:
            one_by_one = [await self.prediction(prediction_id) for prediction_id in ids]
            return [row for row in one_by_one if row is not None]
        rows = await self.engine.look(rows_of(PREDICTIONS_BY_IDS, {"keys": list(ids)}))
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
        moved = {"key": prediction_id, "state": state, **columns}
        return await self.engine.change(_move(signal, only_from), moved) == 1

    async def ask_abort(self, flow_id: str, chat_id: str) -> list[Prediction]:
        """Mark the open predictions of a chat for abortion and return all there are."""
        chat = (PREDICTIONS.c.flow_id == flow_id, PREDICTIONS.c.chat_id == chat_id)
        is_open = PREDICTIONS.c.state.in_([State.WAITING, State.RUNNING])
        await self._write(update(PREDICTIONS).where(*chat, is_open).values(abort_asked=True))
        return await self.predictions(flow_id=flow_id, chat_id=chat_id)

    # -- how ----------------------------------------------------------------------------------

    async def _one(self, query: Any, values: Mapping[str, Any]) -> dict[str, Any] | None:
        rows = await self.engine.find(query, values)
        return rows[0] if rows else None

    async def _all(self, query: Any) -> list[dict[str, Any]]:
        return await self.engine.read(rows_of(query))

    async def _write(self, statement: Any, values: Any = None) -> int:
        """How many rows were written."""
        return await self.engine.write(lambda to: to.execute(statement, values).rowcount)


@cache
def _user_by(*names: str) -> Select[Any]:
    return select(USERS).where(*(USERS.c[name] == bindparam(name) for name in names))


@cache
def _move(signal: Signal, only_from: State | None) -> Update:
    states = [only_from] if only_from else sources(signal)
    taken = or_(*(PREDICTIONS.c.state == state for state in states))
    return update(PREDICTIONS).where(PREDICTIONS.c.id == bindparam("key"), taken)


def _prepare(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))


def _prediction(row: dict[str, Any]) -> Prediction:
    return Prediction(**{**row, "state": State(row["state"])})
