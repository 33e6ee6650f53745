"""A login's token ends after six seconds, in the middle of everything: a client logs in again."""

from __future__ import annotations

from reference_impl.common import security

PLAYS = ("ACCS-001..004", "polling", "streaming", "SUBM-001..002", "CANC-001..002")
LIFE_S = 6


def install() -> None:
    """Shorten their lives."""
    security.ACCESS_LIFE_S = LIFE_S
