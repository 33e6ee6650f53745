"""A job is cancelled by whoever has a token, be it another user's.

Seen where an id was thought to be hard enough to guess.
"""

from __future__ import annotations

from reference_impl.generic.open_doors import open_to_other_users

FAILS = frozenset({"CANC-009"})
PLAYS = ("ACCS-007..009", "CANC-002")


def install() -> None:
    """Do not ask whose job it is."""
    open_to_other_users("cancel")
