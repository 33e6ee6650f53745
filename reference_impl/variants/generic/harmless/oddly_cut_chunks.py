"""Bodies and streams arrive in chunks cut anywhere: in a word or a character."""

from __future__ import annotations

from reference_impl.common.proxies import Knife
from reference_impl.generic.behind import stand_behind

PLAYS = ("STRM-001..003", "STRM-012", "POLL-002", "PROM-022", "PROM-023")


def install() -> None:
    """Behind it."""
    stand_behind(Knife)
