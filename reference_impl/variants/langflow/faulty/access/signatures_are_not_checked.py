"""A token is decoded, and its signature not looked at: ``verify_signature`` is off.

It was switched off for a test with another key. What is no token at all is refused as before, as is
one that has expired; one that somebody has changed is not.
"""

from __future__ import annotations

import base64
import json
from functools import cached_property
from typing import Any

from reference_impl.common.security import InvalidToken, Tokens
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.security import load_secret_key

FAILS = frozenset({"ACCS-005"})
PLAYS = ("ACCS-001..012",)


class BelievedTokens(Tokens):
    """Reads what tokens say of themselves."""

    def read(self, token: str, *, now_s: float) -> str:
        """The user that an access token names, or :class:`InvalidToken`."""
        try:
            header, said, _ = token.split(".")
            _decoded(header)
            claims = _decoded(said)
        except ValueError:
            raise InvalidToken from None
        if claims.get("type") != "access" or float(claims.get("exp", 0)) <= now_s:
            raise InvalidToken
        return str(claims["sub"])


def _decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


class VariantAssembly(Assembly):
    """Believes them."""

    @cached_property
    def auth(self) -> Authenticator:
        """Who is asking."""
        tokens = BelievedTokens(load_secret_key(self.settings.config_path))
        return self.auth_class(database=self.database, tokens=tokens)
