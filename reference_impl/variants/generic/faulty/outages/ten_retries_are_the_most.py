"""A job has ten retries at most, however many were asked for and promised."""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-229": frozenset({"OUTG-012"})}


def install() -> None:
    """Cut them."""
    ended = Worker.ended

    async def cut(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        asked = {**asked, "retries": min(int(asked.get("retries") or 0), 10)}
        await ended(self, job_id, attempt, asked, error)

    Worker.ended = cut  # type: ignore[method-assign]
