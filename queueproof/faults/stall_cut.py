"""A stall that cuts: bytes are swallowed, and the connections end with it."""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.toxics import Seen, ToxicFault, named, toxics
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.proxies import Answer

_LOST = {Answer.SILENT, Answer.CLOSED, Answer.RESET}


@fault("stall_cut")
def stall_cut(
    stack: ChaosStack,
    *,
    timeout_ms: int = 0,
    direction: str = "both",
    replicas: Sequence[int] | None = None,
) -> Fault:
    """Swallow what is sent; cut each connection after `timeout_ms`, or (0) when healed."""
    proxies = stack.proxies(replicas)
    name = named("stall that cuts", direction, proxies)
    return ToxicFault(name, proxies, toxics("timeout", direction, timeout=timeout_ms), swallowed)


def swallowed(seen: Seen) -> str:
    """No line gets an answer; some may be cut already."""
    if not {seen.old.answer, seen.new.answer} <= _LOST:
        return ""
    return f"PING {seen.old.answer.value} on an old line, {seen.new.answer.value} on a fresh one"
