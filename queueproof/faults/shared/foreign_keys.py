"""Whose keys are at an index that is about to lose some: other people's are not to be lost, nor is
anything told to their clients.
"""

from __future__ import annotations

from collections.abc import Iterable

from queueproof.errors import NotAssessed
from queueproof.targets.redis_budget import SMALL
from queueproof.targets.redis_view import RedisView

_OWN = "queueproof:"


async def refuse_where_foreign(
    view: RedisView, indexes: Iterable[int], *, instead: str = "not flushed"
) -> None:
    """Raise NotAssessed when an index holds keys that are not known to be the target's.

    That --disposable was said of the target does not make the rest of its Redis disposable. A
    server that queueproof has started holds nobody else's keys. `instead` begins the reason.
    """
    if view.ours:
        return
    for index in indexes:
        keys = await view.size(index)
        if keys > SMALL:
            raise NotAssessed(
                f"{instead}: {keys:,} keys at index {index} of Redis are too many to see whose "
                "they are"
            )
        foreign = [
            name
            async for name in view.names(index)
            if not name.startswith(_OWN) and not view.patterns.owns(name)
        ]
        if foreign:
            raise NotAssessed(
                f"{instead}: {len(foreign):,} of {keys:,} keys at index {index} of Redis are not "
                "known to be the target's; give it a Redis of its own, or empty this index first"
            )
