"""Resets: each connection is torn down as soon as something is sent on it.

Those opened during the fault see a reset; those that were open before, a plain end, since
Toxiproxy decides at the opening how a connection will be closed.
"""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.toxics import Seen, ToxicFault, named, toxics
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.proxies import Answer

_TORN = {Answer.CLOSED, Answer.RESET}
_SLACK_S = 1.0


@fault("reset_peer")
def reset_peer(
    stack: ChaosStack,
    *,
    after_ms: int = 0,
    direction: str = "both",
    replicas: Sequence[int] | None = None,
) -> Fault:
    """Reset each connection `after_ms` after something is sent in that direction."""
    proxies = stack.proxies(replicas)
    chosen = toxics("reset_peer", direction, timeout=after_ms)
    look_s = after_ms / 1000 + _SLACK_S
    return ToxicFault(named("reset", direction, proxies), proxies, chosen, torn, look_s=look_s)


def torn(seen: Seen) -> str:
    """Both lines are torn down."""
    if not {seen.old.answer, seen.new.answer} <= _TORN:
        return ""
    return f"PING {seen.old.answer.value} on an old line, {seen.new.answer.value} on a fresh one"
