"""What the database keeps: users, keys to the API, flows, and every prediction with its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, MetaData, String, Table

from reference_impl.core.predictions import State

metadata = MetaData()

USERS = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("email", String(255), unique=True, nullable=False),
    Column("password", String(255), nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("created_s", Float, nullable=False),
)

API_KEYS = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(36), nullable=False),
    Column("name", String(255), nullable=False),
    Column("value", String(255), unique=True, nullable=False),
    Column("permissions", JSON, nullable=False),
    Column("created_s", Float, nullable=False),
)

FLOWS = Table(
    "chatflows",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("type", String(32), nullable=False),
    Column("flow_data", String, nullable=False),
    Column("deployed", Boolean, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("created_s", Float, nullable=False),
    Column("updated_s", Float, nullable=False),
)

PREDICTIONS = Table(
    "predictions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("flow_id", String(36), nullable=False, index=True),
    Column("chat_id", String(255), nullable=False, index=True),
    Column("question", String, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=True),
    Column("error", String, nullable=True),
    Column("result", JSON(none_as_null=True), nullable=True),
    Column("events", Integer, nullable=False),
    Column("abort_asked", Boolean, nullable=False),
    Column("worker", String(64), nullable=True),
    Column("created_s", Float, nullable=False),
    Column("finished_s", Float, nullable=True),
)


@dataclass(frozen=True)
class User:
    """A user as the database knows them; the first to register is the organization's admin."""

    id: str
    name: str
    email: str
    password: str
    is_admin: bool
    created_s: float


@dataclass(frozen=True)
class ApiKey:
    """A key to the API, good for what its user may do."""

    id: str
    user_id: str
    name: str
    value: str
    permissions: list[str]
    created_s: float


@dataclass(frozen=True)
class Flow:
    """A stored flow; its graph is kept as the text it came as."""

    id: str
    name: str
    type: str
    flow_data: str
    deployed: bool
    is_public: bool
    created_s: float
    updated_s: float


@dataclass(frozen=True)
class Prediction:
    """One prediction: what was asked, where it stands, what came of it.

    ``events`` counts the live events written, so that a reader knows whether it saw them all; it
    is right once the prediction is over.
    """

    id: str
    flow_id: str
    chat_id: str
    question: str
    state: State
    reason: str | None
    error: str | None
    result: dict[str, Any] | None
    events: int
    abort_asked: bool
    worker: str | None
    created_s: float
    finished_s: float | None
