"""Down: every connection is dropped and none is accepted."""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.toxics import Seen, ToxicFault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.proxies import Answer, Proxy


@fault("down")
def down(stack: ChaosStack, *, replicas: Sequence[int] | None = None) -> Fault:
    """Cut the way to Redis until healed."""
    proxies = stack.proxies(replicas)
    return Down(f"down, {', '.join(proxy.name for proxy in proxies)}", proxies)


class Down(ToxicFault):
    """Proxies that are switched off instead of given a toxic."""

    def __init__(self, name: str, proxies: Sequence[Proxy]) -> None:
        super().__init__(name, proxies, (), refused)

    async def begin_on(self, proxy: Proxy) -> None:
        """Switch it off."""
        await proxy.cut()

    async def end_on(self, proxy: Proxy) -> None:
        """Switch it on."""
        await proxy.join()


def refused(seen: Seen) -> str:
    """The old line has ended, a fresh one is not accepted."""
    ended = seen.old.answer in (Answer.CLOSED, Answer.RESET)
    return "an old line is cut, a fresh one refused" if ended and _is_shut(seen) else ""


def _is_shut(seen: Seen) -> bool:
    return seen.new.answer in (Answer.REFUSED, Answer.RESET)
