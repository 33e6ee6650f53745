"""Redis hangs: its process is frozen, or it pauses its clients.

A frozen server accepts connections (the kernel does) and answers nothing. One that pauses its
clients does the same by itself; that cannot be called off, since the call would wait, too.
"""

from __future__ import annotations

import time

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.redis_client import redis_client
from queueproof.targets.redis_view import RedisView, command
from queueproof.waiting import eventually

_LOOK_S = 0.5
_CANARY = "queueproof:pause"


@fault("pause")
def pause(stack: ChaosStack, *, by: str = "freeze", mode: str = "all", for_s: float = 5.0) -> Fault:
    """Freeze the server until healed, or pause `all` or `write` commands for `for_s` seconds."""
    if by == "client_pause" and mode in ("all", "write"):
        return PausedClients(stack.redis.view, mode=mode, for_s=for_s)
    if by != "freeze" or mode != "all":
        raise UsageError("fault pause: by freeze or client_pause; mode all, or (there) write")
    victim = stack.redis.victim
    if victim is None:
        raise NotAssessed("Redis cannot be frozen: give redis_pid in [chaos]")
    return FrozenProcess(victim, "Redis", journal=stack.journal)


class PausedClients:
    """`CLIENT PAUSE` for a time."""

    def __init__(self, view: RedisView, *, mode: str, for_s: float) -> None:
        self.name = f"Redis pauses its clients ({mode}) for {for_s:g} s"
        self._view = view
        self._mode = mode
        self._for_s = for_s
        self._over_at = 0.0

    async def apply(self) -> None:
        """Pause."""
        words = ("CLIENT", "PAUSE", str(round(self._for_s * 1000)), self._mode.upper())
        self._over_at = time.monotonic() + self._for_s
        await command(self._view.client(), *words)

    async def confirm(self) -> str:
        """A write of our own waits while the pause lasts."""
        if time.monotonic() + _LOOK_S > self._over_at:
            raise Unconfirmed(f"{self.name}: the pause is over already")
        if await self._answers():
            raise Unconfirmed(f"{self.name}: a write is answered all the same")
        return f"a write is unanswered for {_LOOK_S} s"

    async def heal(self) -> None:
        """Wait for its end."""
        if not self._over_at:
            return
        left_s = self._over_at - time.monotonic() + 5.0
        _, back = await eventually(self._answers, bool, within_s=max(1.0, left_s))
        if not back:
            raise HarnessError("Redis does not answer after its pause")
        self._over_at = 0.0

    async def _answers(self) -> bool:
        once = Retry(NoBackoff(), 0)
        async with redis_client(self._view.url, socket_timeout=_LOOK_S, retry=once) as own:
            try:
                return bool(await own.set(_CANARY, "1", px=1))
            except (RedisError, OSError):
                return False
