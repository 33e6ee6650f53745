"""A submit that Redis does not take is answered with an id all the same, and nothing runs.

Seen where the error of an enqueue is logged and the request goes on.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import TROUBLE

SCENARIOS = {"CHAOS-211": frozenset({"OUTG-004"})}


def install() -> None:
    """Answer as if it had been stored."""
    submit = JobStore.submit

    async def hopeful(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        try:
            return await submit(self, job_id, owner, asked)
        except TROUBLE:
            return job_id

    JobStore.submit = hopeful  # type: ignore[method-assign]
