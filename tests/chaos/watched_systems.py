"""A system for observers: workers with a monitor, jobs that a witness sees, answers by a table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from queueproof.config.model import Timings
from queueproof.errors import QueueproofError
from queueproof.history import History, Outcome, current_facts
from queueproof.targets.protocol import CancelReply, MonitorReply, Role, SubmitReply
from queueproof.targets.system import System
from queueproof.targets.witness import Sighting
from queueproof.targets.worker import Worker

A, B, C = (Worker(label, f"http://{label}") for label in "abc")
TIMINGS = Timings(recovery_s=2.0, cancel_effect_s=0.5, outage_answer_s=4.0)
RUNS = {"cancel_dispatcher_running": True}


def monitored(body: dict[str, Any] | None = None, **told: Any) -> MonitorReply:
    return MonitorReply(
        **{"outcome": Outcome.OK, "status": 200, "body": RUNS if body is None else body, **told}
    )


class WatchedSystem:
    """Whatever is asked of it is noted in `asked`, with the facts that the history would have."""

    def __init__(self, *workers: Worker) -> None:
        self.history = History()
        self.timings = TIMINGS
        self.promises: object = None
        self.health_path = ""
        self.workers = workers or (A,)
        self.operations = {"monitor"}
        self.roles = {Role.ADMIN}
        self.adapter = SimpleNamespace(
            contract="langflow", operations=self.operations, has=lambda role: role in self.roles
        )
        self.fleet = self
        self.witness = self
        self.asked: list[tuple[str, float, Worker | None, Any]] = []
        self.seen_s: dict[str, Callable[[], list[float]]] = {}
        self.monitors: dict[Worker, MonitorReply | QueueproofError] = {}
        self.submits: dict[Worker, SubmitReply] = {}
        self.cancels: dict[Worker, CancelReply | QueueproofError] = {}
        self.jobs: list[Any] = []

    @property
    def real(self) -> System:
        return cast(System, self)

    def begin(self) -> History:
        """Its history begins now, on the clock of the running loop."""
        self.history = History()
        return self.history

    def note(self, what: str, via: Worker | None, told: Any = None) -> None:
        self.asked.append((what, round(self.history.now_s(), 3), via, told))
        self.facts = current_facts.get()

    def instants(self, what: str) -> list[float]:
        """When it was asked for this."""
        return [at_s for kind, at_s, _, _ in self.asked if kind == what]

    def sightings(self, key: str) -> list[Sighting]:
        return [Sighting(tick, at_s) for tick, at_s in enumerate(self.seen_s[key]())]

    @asynccontextmanager
    async def vantage(self, worker: Worker | None = None) -> AsyncIterator[Any]:
        yield SimpleNamespace(worker=worker)

    async def monitor(self, *, via: Worker, within_s: float | None = None) -> MonitorReply:
        self.note("monitor", via, within_s)
        reply = self.monitors.get(via, monitored())
        if isinstance(reply, QueueproofError):
            raise reply
        return reply

    async def try_submit(self, probe: Any, *, via: Worker) -> tuple[Any, SubmitReply]:
        self.note("submit", via, probe)
        if via in self.submits:
            return None, self.submits[via]
        job = SimpleNamespace(probe=probe, system=self, owner=via, sightings=[])
        self.jobs.append(job)
        return job, SubmitReply(outcome=Outcome.OK, status=200)

    async def cancel(self, job: Any, *, via: Worker) -> CancelReply:
        self.note("cancel", via, job)
        reply = self.cancels.get(via, CancelReply(outcome=Outcome.OK, claims_success=True))
        if isinstance(reply, QueueproofError):
            raise reply
        return reply
