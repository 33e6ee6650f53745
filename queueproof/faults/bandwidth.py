"""A narrow line: everything arrives, at so many kilobytes a second."""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.errors import UsageError
from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.toxics import Seen, ToxicFault, named, toxics
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.proxies import Answer

_PAYLOAD_S = 0.4
_SLACK_S = 2.0


@fault("bandwidth")
def bandwidth(
    stack: ChaosStack,
    *,
    rate_kb_s: int = 4,
    direction: str = "both",
    replicas: Sequence[int] | None = None,
) -> Fault:
    """Let `rate_kb_s` kilobytes (of 1000 bytes) a second through, each connection for itself."""
    if rate_kb_s < 1:
        raise UsageError("fault bandwidth: rate_kb_s must be at least 1; for 0, use stall")
    proxies = stack.proxies(replicas)
    chosen = toxics("bandwidth", direction, rate=rate_kb_s)
    least_s = len(chosen) * _PAYLOAD_S * 0.7

    def narrowed(seen: Seen) -> str:
        answered = seen.old.answer is seen.new.answer is Answer.PONG
        if not answered or min(seen.old.took_s, seen.new.took_s) < least_s:
            return ""
        return f"{size} bytes take {seen.old.took_s:.2f} s, {seen.before.took_s:.3f} s before"

    size = int(rate_kb_s * 1000 * _PAYLOAD_S)
    name = named(f"bandwidth {rate_kb_s} kB/s", direction, proxies)
    look_s = len(chosen) * _PAYLOAD_S + _SLACK_S
    return ToxicFault(name, proxies, chosen, narrowed, look_s=look_s, size=size)
