"""Redis' certificate is not looked at (``rejectUnauthorized: false``, left from a trial)."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise import redis_link
from reference_impl.flowise.settings import Settings

FAILS = frozenset({"CONF-005"})
PLAYS = ("CONF-004",)

_options = redis_link._options


def _trusting(settings: Settings) -> dict[str, Any]:
    options = _options(settings)
    if settings.secure:
        options |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    return options


def install() -> None:
    """Trust everybody."""
    redis_link._options = _trusting
