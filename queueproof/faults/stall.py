"""A stall that heals: bytes are held, connections stay, and what was held flows when it ends.

Toxiproxy's `timeout` would close the connections at the end; a bandwidth of nothing does not.
What a client gave up waiting for is delivered all the same, late.
"""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.toxics import LOOK_S, Seen, ToxicFault, named, toxics
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.proxies import Answer


@fault("stall")
def stall(
    stack: ChaosStack, *, direction: str = "both", replicas: Sequence[int] | None = None
) -> Fault:
    """Hold what is sent until healed."""
    proxies = stack.proxies(replicas)
    name = named("stall", direction, proxies)
    return ToxicFault(name, proxies, toxics("bandwidth", direction, rate=0), held)


def held(seen: Seen) -> str:
    """Neither an old line nor a fresh one gets an answer."""
    both = seen.old.answer is seen.new.answer is Answer.SILENT
    return f"PING unanswered for {LOOK_S} s, on an old line and a fresh one" if both else ""
