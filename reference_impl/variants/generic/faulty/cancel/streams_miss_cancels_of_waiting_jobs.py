"""The stream of a job that is cancelled before it begins stays open for ever.

Seen where the worker alone tells ends: of such a job no worker ever hears.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "  redis.call('XADD', KEYS[2], '*', 'event', ARGV[1])\n"
FAILS = frozenset({"CANC-005"})
PLAYS = ("PROM-015", "STRM-007")


def install() -> None:
    """Tell nothing."""
    exchange_in_script("cancel", OLD, "")
