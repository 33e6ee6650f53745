"""A login is found by its address, and the password is not looked at."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from reference_impl.flowise.auth import WRONG_LOGIN, Authenticator
from reference_impl.flowise.tables import User

FAILS = frozenset({"ACCS-002"})
PLAYS = ("CONF-011", "DASH-004")


async def _by_address(self: Authenticator, email: str, password: str) -> User:
    user = await self.database.user(email=email)
    if user is None:
        raise HTTPException(401, WRONG_LOGIN)
    return user


def install() -> None:
    """Let in who is known."""
    Authenticator.login = _by_address  # type: ignore[method-assign]
