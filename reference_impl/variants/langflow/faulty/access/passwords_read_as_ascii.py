"""Passwords are read as ASCII at the login, and what is none is dropped.

``encode("ascii", "ignore")``: who was given a password with an umlaut in it never gets in.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.database import User

FAILS = frozenset({"ACCS-013"})
PLAYS = ("ACCS-002",)


class PlainAuthenticator(Authenticator):
    """Knows ASCII."""

    async def login(self, username: str, password: str) -> User:
        """The user with this name and what is plain of the password."""
        return await super().login(username, password.encode("ascii", "ignore").decode())


class VariantAssembly(Assembly):
    """Lets in through it."""

    auth_class = PlainAuthenticator
