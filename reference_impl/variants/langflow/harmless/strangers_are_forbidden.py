"""Another user's job is answered 403, and a request without a token 401: other ways to say no."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.core.rules import may_cancel, may_read
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import NO_CREDENTIALS, Authenticator
from reference_impl.langflow.database import User
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FORBIDDEN = "This job is another user's"


class FrankAuthenticator(Authenticator):
    """Asks strangers to log in."""

    async def user(self, request: Request) -> User:
        """The active user whose token or key came with the request."""
        try:
            return await super().user(request)
        except HTTPException as refusal:
            if refusal.detail != NO_CREDENTIALS:
                raise
            raise HTTPException(401, refusal.detail) from None


class FrankEndpoints(BuildEndpoints):
    """Tells that there is such a job."""

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if this user may read it."""
        record = await self.record(request)
        if not may_read(user_id=user_id, owner_id=record.user_id):
            raise HTTPException(403, FORBIDDEN)
        return record

    async def cancellable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if this user may cancel it."""
        record = await self.record(request)
        if not may_cancel(user_id=user_id, owner_id=record.user_id):
            raise HTTPException(403, FORBIDDEN)
        return record


class VariantAssembly(Assembly):
    """Refuses so."""

    auth_class = FrankAuthenticator
    build_endpoints_class = FrankEndpoints
