"""Now and then an id is given to two jobs.

Seen where ids are made of a clock that is too coarse for bursts.
"""

from __future__ import annotations

from itertools import count

from reference_impl.generic.front import Front

FAILS = frozenset({"PROM-003"})
PLAYS = ()
_EVERY = 25
_numbers = count(1)
_last = [""]


def install() -> None:
    """Give every 25th job the id of the one before."""
    new_id = Front.new_id

    def repeated(self: Front) -> str:
        if next(_numbers) % _EVERY or not _last[0]:
            _last[0] = new_id(self)
        return _last[0]

    Front.new_id = repeated  # type: ignore[method-assign]
