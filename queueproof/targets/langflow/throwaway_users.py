"""Users that a case makes for itself, and removes: with a password that it may change, and that
nobody else has.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from queueproof.errors import Inconclusive
from queueproof.redaction import known_secrets
from queueproof.targets.answers import Kind
from queueproof.targets.langflow.any_request import ask
from queueproof.targets.marks import marked
from queueproof.targets.protocol import Role
from queueproof.targets.raw_replies import RawReply
from queueproof.targets.system import System
from queueproof.targets.worker import Worker

_KEYS = "/api/v1/api_key/"


@dataclass(frozen=True, kw_only=True)
class ThrowawayUser:
    """A user by name, and where its account is."""

    name: str
    password: str = field(repr=False)
    id: str

    @property
    def path(self) -> str:
        """The account."""
        return f"/api/v1/users/{self.id}"


@dataclass(frozen=True)
class ThrowawayKey:
    """An API key, and where it is."""

    key: str = field(repr=False)
    path: str


@asynccontextmanager
async def throwaway_user(
    target: System, *, via: Worker, password: str = ""
) -> AsyncIterator[ThrowawayUser]:
    """A new and active user, no superuser, who is removed afterwards.

    Raises Inconclusive where none can be made.
    """
    name, password = marked("queueproof-"), password or f"Qp-{uuid.uuid4().hex}-1"
    user = await make_user(target, via=via, name=name, password=password)
    try:
        await change_user(target, user, {"is_active": True}, via=via)
        yield user
    finally:
        await ask(target, "DELETE", user.path, via=via, role=Role.ADMIN)


async def make_user(target: System, *, via: Worker, name: str, password: str) -> ThrowawayUser:
    """A new user, who may have to be activated."""
    sending = {"json": {"username": name, "password": password}}
    made = await ask(target, "POST", "/api/v1/users/", via=via, role=Role.ADMIN, sending=sending)
    user_id = made.json.get("id")
    if made.status != 201 or not user_id:
        raise Inconclusive(f"a user could not be made: {made.words}")
    return ThrowawayUser(name=name, password=password, id=str(user_id))


async def change_user(
    target: System, user: ThrowawayUser, changes: Mapping[str, Any], *, via: Worker
) -> None:
    """Change an account in a superuser's name."""
    reply = await ask(
        target, "PATCH", user.path, via=via, role=Role.ADMIN, sending={"json": dict(changes)}
    )
    if reply.status != 200:
        raise Inconclusive(f"the user could not be changed: {reply.words}")


async def log_in(target: System, name: str, password: str, *, via: Worker) -> RawReply:
    """What a login is answered."""
    form = {"data": {"username": name, "password": password}}
    return await ask(target, "POST", "/api/v1/login", via=via, role=Role.NOBODY, sending=form)


async def token_of(target: System, user: ThrowawayUser, *, via: Worker) -> str:
    """The user's token; raises Inconclusive where the login gives none."""
    reply = await log_in(target, user.name, user.password, via=via)
    token = reply.json.get("access_token")
    if not isinstance(token, str):
        raise Inconclusive(f"the new user could not log in: {reply.status} {reply.detail}")
    return token


async def key_of(target: System, user: ThrowawayUser, *, via: Worker) -> str:
    """An API key that the user makes; raises Inconclusive where there is no such thing."""
    return (await make_key(target, user, via=via)).key


async def make_key(target: System, user: ThrowawayUser, *, via: Worker) -> ThrowawayKey:
    """The same, with where it is to be deleted."""
    token = await token_of(target, user, via=via)
    sending = {"json": {"name": user.name}}
    made = await ask(target, "POST", _KEYS, via=via, token=token, sending=sending)
    key = made.json.get("api_key")
    if made.kind is not Kind.SUCCESS or not isinstance(key, str) or not key:
        raise Inconclusive(f"the new user could make no API key: {made.status}")
    known_secrets.learn(key)
    return ThrowawayKey(key=key, path=f"{_KEYS}{made.json.get('id')}")
