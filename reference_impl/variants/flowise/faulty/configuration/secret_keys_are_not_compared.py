"""A worker with another secret key starts, and says nothing."""

from __future__ import annotations

from reference_impl.flowise.secret_key import SecretKey

FAILS = frozenset({"CONF-006"})
PLAYS = ("CONF-010",)


def _one_for_all(self: SecretKey) -> str:
    return "the same"


def install() -> None:
    """Have one fingerprint for all keys."""
    SecretKey.fingerprint = property(_one_for_all)  # type: ignore[method-assign,assignment]
