"""Which run it is and how many there may be are compared as texts: "2" is more than "10".

Seen where both came as texts from the store: three retries are three, and ten are one.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import Worker, insisting

FAILS = frozenset({"PROM-007"})
PLAYS = ("PROM-006",)


def install() -> None:
    """Compare them so."""
    ended = Worker.ended

    async def by_text(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        retries = int(asked.get("retries") or 0)
        if error is not None and str(attempt) > str(retries) and attempt <= retries:
            why = str(error)
            await insisting(lambda: self.store.finish(job_id, attempt, "failed", reason=why))
            return
        await ended(self, job_id, attempt, asked, error)

    Worker.ended = by_text  # type: ignore[method-assign]
