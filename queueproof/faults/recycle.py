"""Recycling: a worker that has answered so many requests is replaced, as `--max-requests` does.

Launched replicas get the option through Gunicorn's own variable; a deployment has its own. The
fault sends the requests that it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from queueproof.errors import Inconclusive
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.needs import StackNeeds
from queueproof.stack.replica import Replica
from queueproof.targets.transports import client_options
from queueproof.waiting import eventually

_AFTER_REQUESTS = 40
_PATIENCE = 8
_ANSWER_S = 2.0
_REPLACED_WITHIN_S = 15.0


def _needs(given: Mapping[str, Any]) -> StackNeeds:
    limit = f"--max-requests {given.get('after_requests', _AFTER_REQUESTS)}"
    return StackNeeds(settings={"GUNICORN_CMD_ARGS": f"{limit} --max-requests-jitter 0"})


@fault("recycle", needs=_needs)
def recycle(
    stack: ChaosStack,
    *,
    after_requests: int = _AFTER_REQUESTS,
    replicas: Sequence[int] | None = None,
) -> Fault:
    """Send requests until a worker of the replica is on its way out."""
    return Recycled(stack.chosen(replicas or [0])[0], after_requests)


class Recycled:
    """Requests, each on a connection of its own, until a worker is replaced."""

    def __init__(self, replica: Replica, after_requests: int) -> None:
        self.name = f"workers of {replica.name} recycled"
        self._replica = replica
        self._after = after_requests
        self._before: frozenset[int] = frozenset()

    async def apply(self) -> None:
        """Send as many as it may take, each worker's count included.

        Until one of those that serve now is gone: one more may just be coming up.
        """
        self._before = await self._pids()
        sent = 0
        async with httpx.AsyncClient(
            timeout=_ANSWER_S, **client_options(self._replica.url)
        ) as client:
            while sent < self._after * _PATIENCE and self._before <= await self._pids():
                sent += await self._send_some(client)

    async def confirm(self) -> str:
        """A worker that served is gone, and another serves."""
        now, replaced = await eventually(self._pids, self._is_new, within_s=_REPLACED_WITHIN_S)
        if not replaced:
            raise Unconfirmed(f"{self.name}: processes {sorted(now)} serve as before")
        old, new = sorted(self._before - now), sorted(now - self._before)
        return f"worker processes {old} left, {new} came"

    async def heal(self) -> None:
        """The master has replaced them; nothing to undo."""

    async def _send_some(self, client: httpx.AsyncClient) -> int:
        """So many requests, or fewer when nobody answers: then all are on their way out."""
        url = f"{self._replica.url}{self._replica.ready_path}"
        for number in range(self._after):
            try:
                await client.get(url, headers={"connection": "close"})
            except httpx.HTTPError:
                return number + 1
        return self._after

    async def _pids(self) -> frozenset[int]:
        pids = frozenset(await self._replica.worker_pids())
        if not pids:
            raise Inconclusive(f"{self._replica.name} has no workers")
        return pids

    def _is_new(self, now: frozenset[int]) -> bool:
        return bool(self._before - now) and bool(now - self._before)
