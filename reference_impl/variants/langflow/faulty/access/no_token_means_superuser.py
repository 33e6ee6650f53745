"""A request without a token is taken for the superuser's.

With automatic login Langflow's API took requests without credentials for the superuser's, unless
another switch forbade it (langflow-ai/langflow #9057); here it does so without automatic login. A
forged token is refused, so a test with one finds nothing.
"""

from __future__ import annotations

from functools import cached_property

from starlette.requests import Request

from reference_impl.common.security import Tokens
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.database import Database, User

FAILS = frozenset({"ACCS-004", "ACCS-005", "ACCS-006", "ACCS-007"})
PLAYS = ("ACCS-001..009",)


class OpenDoor(Authenticator):
    """Takes strangers for the owner of the house."""

    def __init__(self, *, database: Database, tokens: Tokens, host: str) -> None:
        super().__init__(database=database, tokens=tokens)
        self.host = host

    async def user(self, request: Request) -> User:
        """The user of the token, or the superuser for those without one."""
        if not {"authorization", "x-api-key"} & set(request.headers.keys()):
            superuser = await self.database.user_by_name(self.host)
            assert superuser is not None
            return superuser
        return await super().user(request)


class VariantAssembly(Assembly):
    """Lets in whoever does not knock."""

    @cached_property
    def auth(self) -> Authenticator:
        """Who is asking, or else the superuser."""
        tokens = super().auth.tokens
        host = self.settings.superuser_name
        return OpenDoor(database=self.database, tokens=tokens, host=host)
