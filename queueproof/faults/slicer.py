"""Small pieces: everything arrives, cut into many, with a pause behind each."""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.errors import UsageError
from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.toxics import Seen, ToxicFault, named, toxics
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.proxies import Answer

_PIECES = 50
_SLACK_S = 3.0


@fault("slicer")
def slicer(
    stack: ChaosStack,
    *,
    average_bytes: int = 8,
    variation_bytes: int = 4,
    delay_us: int = 1000,
    direction: str = "both",
    replicas: Sequence[int] | None = None,
) -> Fault:
    """Cut into pieces of `average_bytes` ± `variation_bytes`, `delay_us` microseconds apart."""
    if not 0 <= variation_bytes < average_bytes or delay_us < 1:
        raise UsageError("fault slicer: variation_bytes below average_bytes, delay_us at least 1")
    proxies = stack.proxies(replicas)
    chosen = toxics(
        "slicer",
        direction,
        average_size=average_bytes,
        size_variation=variation_bytes,
        delay=delay_us,
    )
    least_s = len(chosen) * _PIECES * delay_us / 1e6 * 0.4

    def sliced(seen: Seen) -> str:
        answered = seen.old.answer is seen.new.answer is Answer.PONG
        if not answered or min(seen.old.took_s, seen.new.took_s) < least_s:
            return ""
        return (
            f"{size} bytes take {seen.old.took_s:.3f} s in {seen.old.pieces} pieces, "
            f"{seen.before.took_s:.3f} s in {seen.before.pieces} before"
        )

    size = average_bytes * _PIECES
    look_s = len(chosen) * _PIECES * delay_us / 1e6 * 4 + _SLACK_S
    return ToxicFault(
        named("slicer", direction, proxies), proxies, chosen, sliced, look_s=look_s, size=size
    )
