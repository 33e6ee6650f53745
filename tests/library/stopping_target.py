"""A made-up target whose workers stop beginning jobs, and the watch that looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers.plain_job import PlainStart, StartOutcome
from queueproof.errors import Inconclusive, QueueproofError, Violation
from queueproof.history import Event, EventKind, Operation
from queueproof.probe import Probe
from queueproof.running import standstill
from queueproof.running.standstill import StandstillWatch
from queueproof.running.strain import StrainMeter
from queueproof.targets.worker import Worker

SEEN = Violation(expected="this", actual="that")
A, B = Worker("a", "process-1"), Worker("b", "process-2")


@dataclass
class Target:
    """Two workers, those of `deaf` begin nothing; `asked` are the workers that were looked at."""

    meter: StrainMeter = field(default_factory=StrainMeter)
    deaf: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    lost: bool = False
    asked: list[str] = field(default_factory=list)
    now_s: float = 100.0
    made: int = 0

    def __post_init__(self) -> None:
        self.watch = StandstillWatch(self.meter)
        self.launch()

    def launch(self) -> None:
        """Another target, whose workers have the letters of those before."""
        history = SimpleNamespace(now_s=lambda: self.now_s)
        timings = SimpleNamespace(recovery_s=35.0)
        self.system: Any = SimpleNamespace(
            workers=(A, B), history=history, timings=timings, within=lambda _: 12.0
        )

    async def start(self, system: Any, worker: Worker, *, within_s: float) -> PlainStart:
        assert (system, within_s) in ((self.system, 35.0), (self.system, 12.0))
        self.asked.append(worker.label)
        await asyncio.sleep(0)
        if self.lost:
            raise QueueproofError("the answer is lost")
        outcome = StartOutcome.BEGUN
        if worker.label in self.refusing:
            outcome = StartOutcome.NOT_ACCEPTED
        elif worker.label in self.deaf:
            outcome = StartOutcome.NOT_BEGUN
        return PlainStart(worker=worker, outcome=outcome)

    def job(self, worker: Worker, submitted_s: float, *, witnessed: bool = False) -> Any:
        self.made += 1
        return SimpleNamespace(
            id=f"job-{self.made}",
            owner=worker,
            submitted_s=submitted_s,
            probe=Probe(witnessed=witnessed),
            sightings=[],
            system=self.system,
        )

    def note(self, case: str, worker: Worker, submitted_s: float, *kinds: EventKind) -> list[Any]:
        """A case submitted a job and read it; it was told events of these kinds."""
        job = self.job(worker, submitted_s)
        return self.watch.note(self.system, case, [job], [read(job, *kinds)])

    async def judge(self, missed: list[Any]) -> Violation | Inconclusive:
        loop_s = asyncio.get_running_loop().time()
        return await self.watch.judge(SEEN, missed, ended=loop_s)


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    made = Target()

    def start(*arguments: Any, **named: Any) -> Any:
        return made.start(*arguments, **named)

    monkeypatch.setattr(standstill, "start_plain_job", start)
    return made


def read(job: Any, *kinds: EventKind, kind: str = "stream") -> Operation:
    events = [Event(each, 1.0) for each in kinds]
    return Operation(
        number=0, case="case", kind=kind, job=job.id, worker="a", invoked_s=0.0, events=events
    )


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())  # type: ignore[arg-type]
