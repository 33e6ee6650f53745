"""Nothing removes what was told of a job.

Seen where clean-up was left to a setting that is off by default.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "redis.call('EXPIRE', KEYS[3], ARGV[6])\n"
NEW = ""
FAILS = frozenset({"PROM-032"})
PLAYS = ("PROM-002",)


def install() -> None:
    """Forget to expire them."""
    exchange_in_script("finish", OLD, NEW)
