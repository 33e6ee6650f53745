"""A client that returns after its build was reclaimed gets 500: the reason has no text.

The table of reasons was written for cancels by users; what the watchdog did is not in it.
"""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.store.base import View

FAILS = frozenset({"WDOG-008"})
PLAYS = ("WDOG-001", "WDOG-002", "POLL-009", "POLL-005")


class NoSuchReason(Poller):
    """Looks the reason up."""

    async def answer(self, job_id: str, view: View | None, *, arrived: float) -> PollAnswer | None:
        """The answer, unless the watchdog has been there."""
        answer = await super().answer(job_id, view, arrived=arrived)
        told = [json.dumps(event.body) for event in answer.events] if answer else []
        if any(EndReason.WATCHDOG.value in body for body in told):
            raise HTTPException(500, "KeyError: 'watchdog'")
        return answer


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = NoSuchReason
