"""A preload boot does not print the line that confirms it.

The line went to the logger, and the logger is configured by the workers: what the master says
before the fork is said to nobody. The document tells operators to look for it.
"""

from __future__ import annotations

from reference_impl.langflow import boot

FAILS = frozenset({"BOOT-006"})
PLAYS = ("BOOT-007",)


def install() -> None:
    """What is left of the line."""
    boot.PRELOAD_DONE = ""
