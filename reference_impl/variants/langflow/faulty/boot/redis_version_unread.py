"""A Redis of version 5 is accepted at the start.

The check asks for a PING and no more. Streams exist since 5, so most of it works, until somebody
cancels or a script uses what came with 6.
"""

from __future__ import annotations

from reference_impl.langflow import preflight

FAILS = frozenset({"BOOT-003"})
PLAYS = ("BOOT-002",)


def install() -> None:
    """Any version will do."""
    preflight.OLDEST_REDIS = 0
