"""0 disables the watchdog and 0.0 reclaims all builds; `False` switches nothing off.

Settings are compared with the words of the authors' own file. The default is written 90.0 in the
document, and switches with a capital letter; whoever follows it there means what they say.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"WDOG-007", "CANC-013"})
PLAYS = ("CANC-014",)
SOON_S = 1.0


def threshold(value: str) -> float:
    """Seconds; 0 disables, and is one character."""
    return 0.0 if value == "0" else float(value) or SOON_S


def switch(value: str) -> bool:
    """Off for the two words that are known."""
    return value not in {"false", "0"}


READERS = {"stale_threshold_s": threshold, "cancel_channel_enabled": switch}


def install() -> None:
    """Two rows read otherwise."""
    settings.TABLE = tuple(
        replace(row, read=READERS.get(row.field, row.read)) for row in settings.TABLE
    )
