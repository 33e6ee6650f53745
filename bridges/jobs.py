"""The words of the job API: a job's order, its states, and what a backend of a library does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Protocol


class State(StrEnum):
    """Where a job is, in the words of the API."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: The library knows no such job (any more).
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether a job stays so."""
        return self in (State.FINISHED, State.FAILED, State.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a job is to do, and how it is to be queued.

    steps          how many numbered steps, counted from 0
    seconds        pause after each step
    padding        bytes added to each step's event
    slow_start_s   pause before the first step
    quiet_after    the step after which there is a longer pause of `quiet_s` (none: never)
    fail_at        fail instead of doing that step (none: never)
    fail_times     fail after the first step in the first so many runs
    witness        asked for `<witness>/<step>` at each step (none: nobody)
    delay_s        not before so many seconds from now
    retries        run again so often after a failure (0: as the backend's settings say)
    priority       the higher, the earlier, where the library has priorities
    """

    steps: int
    seconds: float = 0.0
    padding: int = 0
    slow_start_s: float = 0.0
    quiet_after: int | None = None
    quiet_s: float = 0.0
    fail_at: int | None = None
    fail_times: int = 0
    witness: str | None = None
    delay_s: float = 0.0
    retries: int = 0
    priority: int | None = None

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Order:
        """The order of a submit's body; raises ValueError for what no order has."""
        known = {item.name for item in fields(cls)}
        strange = sorted(given.keys() - known)
        if strange or not isinstance(given.get("steps"), int):
            raise ValueError(f"no such entry: {strange[0]}" if strange else "steps is missing")
        order = cls(**given)
        if order.priority is None:
            return order
        return replace(order, priority=int(order.priority))

    def work(self, token: str) -> dict[str, Any]:
        """What the library carries to the worker; `token` names the job in the bridge's record."""
        return {**asdict(self), "token": token}


class Unsupported(Exception):
    """The library has no documented means for what was asked."""


class Backend(Protocol):
    """One library, by its documented means alone.

    Methods may be plain functions (they are called in a thread) or coroutines. `has` names what
    the library can be asked beyond submit and state: of `cancel`, `result`, `workers`, `delay`,
    `retries`, `priority`.
    """

    has: frozenset[str]

    def submit(self, order: Order, work: dict[str, Any]) -> Any:
        """Queue a job; the library's own id of it."""

    def state(self, job_id: str) -> Any:
        """The State that the library tells."""

    def result(self, job_id: str) -> Any:
        """What the job returned, or None while there is nothing."""

    def cancel(self, job_id: str) -> Any:
        """Whether the library took the cancel."""

    def workers(self) -> Any:
        """The workers that the library says are there: a list of objects."""
