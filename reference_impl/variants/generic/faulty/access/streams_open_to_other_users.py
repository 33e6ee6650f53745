"""A job is streamed to whoever has a token, be it another user's.

Seen where polls were mended and streams forgotten.
"""

from __future__ import annotations

from reference_impl.generic.open_doors import open_to_other_users

FAILS = frozenset({"ACCS-009"})
PLAYS = ("ACCS-005..009", "CANC-009")


def install() -> None:
    """Do not ask whose job it is."""
    open_to_other_users("stream")
