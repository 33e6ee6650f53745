"""Whether a token has expired, as far as it or an answer tells.

A worker that does not accept a token of another's is a fault, and looks the same at first: 401. So
a token counts as expired only where its own text says so, where the answer says so, or where the
very connection that is refused now was let in with it before.
"""

from __future__ import annotations

import base64
import json
import time

from queueproof.targets.asking import moment_of
from queueproof.targets.vantage import Vantage

_SKEW_S = 2.0


class TokenUse:
    """Where one token was let in."""

    def __init__(self, token: str) -> None:
        self.token = token
        self._let_in: set[tuple[str, int | str]] = set()

    def note(self, vantage: Vantage, status: int | None) -> None:
        """Take note of an answer to a request with the token."""
        if status is not None and 200 <= status < 300:
            self._let_in.update(_views(vantage))

    def has_expired(self, vantage: Vantage, *, said: str, date: str = "") -> bool:
        """Whether a 401 that came by this connection, saying `said`, tells of an expired token.

        A token ends by the clock of who gave it: that of the answer's `date`, where it has one.
        """
        ends_s, now = expires_at(self.token), moment_of(date)
        now_s = time.time() if now is None else now.timestamp()
        if ends_s is not None and ends_s <= now_s + _SKEW_S:
            return True
        return "expired" in said.lower() or any(one in self._let_in for one in _views(vantage))


def expires_at(token: str) -> float | None:
    """When a JSON web token says that it ends (seconds since 1970); None where it does not."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _views(vantage: Vantage) -> list[tuple[str, int | str]]:
    """What a connection looks at: itself, and the worker behind it where that is known."""
    return [(vantage.url, one) for one in (vantage.port, vantage.worker) if one is not None]
