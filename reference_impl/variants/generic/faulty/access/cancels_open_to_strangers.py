"""A cancel is taken without a valid token.

Seen where a page's unload handler sends the cancel, and no header.
"""

from __future__ import annotations

from reference_impl.generic.open_doors import open_to_strangers

FAILS = frozenset({"ACCS-007"})
PLAYS = ("ACCS-005..009",)


def install() -> None:
    """Let everybody in."""
    open_to_strangers("cancel")
