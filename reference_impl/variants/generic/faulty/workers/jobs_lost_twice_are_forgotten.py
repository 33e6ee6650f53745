"""A job whose second worker dies, too, is taken up by nobody.

As taskiq-redis 1.2.2 did, where a worker that died while it took up another one's tasks left its
lock behind (taskiq-redis#131).
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = """  elseif told[1] == 'running' then
    redis.call('RPUSH'"""
NEW = """  elseif told[1] == 'running' and redis.call('HGET', job, 'attempt') == '1' then
    redis.call('RPUSH'"""
FAILS = frozenset({"WORK-013"})
PLAYS = ("WORK-006", "WORK-007")


def install() -> None:
    """Take up what was lost once."""
    exchange_in_script("promote", OLD, NEW)
