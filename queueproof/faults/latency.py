"""Latency with jitter: everything arrives, later."""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.toxics import Seen, ToxicFault, named, toxics
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.proxies import Answer

_SLACK_S = 2.0


@fault("latency")
def latency(
    stack: ChaosStack,
    *,
    latency_ms: int = 200,
    jitter_ms: int = 0,
    direction: str = "both",
    replicas: Sequence[int] | None = None,
) -> Fault:
    """Delay each chunk by `latency_ms` ± `jitter_ms`, in each direction named."""
    proxies = stack.proxies(replicas)
    chosen = toxics("latency", direction, latency=latency_ms, jitter=jitter_ms)
    least_s = len(chosen) * max(0, latency_ms - jitter_ms) / 1000
    most_s = len(chosen) * (latency_ms + jitter_ms) / 1000

    def delayed(seen: Seen) -> str:
        answered = seen.old.answer is seen.new.answer is Answer.PONG
        slower = min(seen.old.took_s, seen.new.took_s) >= max(least_s * 0.9, seen.before.took_s)
        if not (answered and slower):
            return ""
        return f"PING takes {seen.old.took_s:.3f} s, {seen.before.took_s:.3f} s before"

    name = named(f"latency {latency_ms} ± {jitter_ms} ms", direction, proxies)
    return ToxicFault(name, proxies, chosen, delayed, look_s=most_s + _SLACK_S)
