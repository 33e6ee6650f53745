"""The name of a unique job is free after some seconds, though the job still runs.

Seen where the lock has a time to live of its own, shorter than a job may take, and is not renewed.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-024"})
PLAYS = ("PROM-025..029",)
OLD = "'NX', 'EX', ARGV[3]"
NEW = "'NX', 'EX', 3"


def install() -> None:
    """Let it go after three seconds."""
    exchange_in_script("submit", OLD, NEW)
