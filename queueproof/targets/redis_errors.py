"""What an error of Redis means for a case: a command that may not be sent leaves it not assessed, a
server that does not answer leaves it inconclusive. Neither is the target's fault, nor ours.
"""

from __future__ import annotations

import re

from redis.exceptions import (
    AskError,
    ClusterCrossSlotError,
    NoPermissionError,
    RedisError,
    ResponseError,
)

from queueproof.config.redis_url import CLUSTER_REASON
from queueproof.errors import CaseOutcome, Inconclusive, NotAssessed
from queueproof.reporting.text import shown_in_line

_FORBIDDEN = re.compile(
    r"no permissions? to run the '([^']+)'|unknown command '?`?([^'`,\s]+)", re.IGNORECASE
)
_NO_RIGHT = re.compile(r"no permissions? to access (?:one of )?(?:the )?(\w+)", re.IGNORECASE)
_LONGEST = 120


def is_forbidden(error: Exception) -> bool:
    """Whether a command was refused for its own sake: to this user, or to everybody."""
    return isinstance(error, NoPermissionError) or bool(_FORBIDDEN.search(str(error)))


def outcome_of(error: RedisError) -> CaseOutcome:
    """The case's outcome, in words that name the command where one was refused."""
    said = " ".join(str(error).split())
    forbidden = _FORBIDDEN.search(said)
    if forbidden:
        name = (forbidden[1] or forbidden[2]).replace("|", " ").upper()
        return NotAssessed(
            f"Redis does not let queueproof send {name}: allow it to the user of the Redis URL"
        )
    if isinstance(error, AskError):
        return NotAssessed(
            "Redis is a Cluster, which its user may not ask for: allow INFO, or write "
            "redis+cluster:// in the Redis URL"
        )
    if isinstance(error, ClusterCrossSlotError):
        return NotAssessed(CLUSTER_REASON)
    if isinstance(error, NoPermissionError) or _NO_RIGHT.search(said):
        return NotAssessed(
            f"the user of the Redis URL may not do what this needs: {said[:_LONGEST]}"
        )
    words = f": {shown_in_line(said, limit=_LONGEST)}" if isinstance(error, ResponseError) else ""
    return Inconclusive(f"Redis did not answer as it should: {type(error).__name__}{words}")
