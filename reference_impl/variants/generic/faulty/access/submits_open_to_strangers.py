"""A submit without a valid token is taken, in somebody's name.

Seen where a new route was added beside the middleware that asks who is there.
"""

from __future__ import annotations

from reference_impl.generic.open_doors import open_to_strangers

FAILS = frozenset({"ACCS-005"})
PLAYS = ("ACCS-005..009",)


def install() -> None:
    """Let everybody in."""
    open_to_strangers("submit")
