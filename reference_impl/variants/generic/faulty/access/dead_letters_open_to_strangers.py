"""Whoever asks, with a token or without, is told which jobs of the first user failed for good."""

from __future__ import annotations

from reference_impl.generic.open_doors import open_to_strangers

FAILS = frozenset({"ACCS-006"})
PLAYS = ("ACCS-005..009",)


def install() -> None:
    """Open them."""
    open_to_strangers("dead")
