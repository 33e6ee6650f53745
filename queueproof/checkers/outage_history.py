"""The history of an outage, arranged for judging: its phases, its jobs, its readers.

Theory: a runner leaves everything a checker needs in the history itself. A note `scenario` holds
the declared timings and what the fault may cost; notes `phase` say when each phase began; every
operation of an errand carries the errand's number and the key under which the witness knows the
job; and at the end one operation `work` a key holds what the witness saw. So a judgement is a
pure function of a list of operations, and can be repeated on a history read from a file.

Four phases: before the fault, during it, recovery (healed, service not yet whole), and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from queueproof.history import Event, EventKind, Operation

BEFORE, DURING, RECOVERY, AFTER = PHASES = ("before", "during", "recovery", "after")

#: What a fault may cost: no job at all, the jobs that it meets, or their data too.
COSTS = ("nothing", "jobs", "data")

_GONE = (404, 410)
_LIVE = ("poll", "stream")
TERMINAL = (EventKind.END, EventKind.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class ReaderHistory:
    """What one reader received of a job: by one stream, by all of its polls, as the answer that it
    waited for, or by looking up what was kept of it.

    `via` is the label of a stream's worker; `silent_s` the longest time in which no poll was
    answered.

    `gaps_possible` says that an answer got lost on its way, so that what is missing may have
    been sent and what came twice may have been asked for twice. `again` marks a second reading of a
    job whose end was known already.
    """

    kind: str
    via: str
    began_s: float
    ended_s: float
    events: tuple[Event, ...]
    ended: str
    status: int | None
    again: bool = False
    gaps_possible: bool = False
    silent_s: float = 0.0

    @property
    def has_events(self) -> bool:
        """Whether it is told what happens meanwhile, and not only how the job ended."""
        return self.kind in _LIVE

    @property
    def ticks(self) -> list[int]:
        """Tick numbers as they came."""
        return [event.tick for event in self.events if event.tick is not None]

    @property
    def told(self) -> EventKind | None:
        """How the job ended, as this reader was told: END, ERROR, CANCELLED, or nothing."""
        kinds = {event.kind for event in self.events}
        for kind in (EventKind.CANCELLED, EventKind.ERROR, EventKind.END):
            if kind in kinds:
                return kind
        return None

    @property
    def told_s(self) -> float:
        """When it was told; the end of the reading when it was not."""
        ends = [e.at_s for e in self.events if e.kind in (*TERMINAL, EventKind.ERROR)]
        return max(ends, default=self.ended_s)

    @property
    def gone(self) -> bool:
        """Whether the target said that it knows no such job."""
        return self.status in _GONE


@dataclass(frozen=True, kw_only=True)
class JobHistory:
    """One submit and everything that came of it.

    `work` is what the witness saw of it; `planned` is how many ticks the probe does and `lasts_s`
    how long it takes undisturbed, with all its runs. `results` are the requests for what it
    computed. `hosts` are the labels of those whose trouble is its trouble:
    whoever accepted it and, where workers are programs of their own, whoever may have done it.
    """

    errand: int
    key: str
    submit: Operation
    planned: int
    lasts_s: float
    readings: tuple[ReaderHistory, ...] = ()
    cancels: tuple[Operation, ...] = ()
    results: tuple[Operation, ...] = ()
    work: tuple[Event, ...] = ()
    dropped_s: float | None = None
    hosts: frozenset[str] = frozenset()

    @property
    def job(self) -> str | None:
        """Its id, once accepted."""
        return self.submit.job

    @property
    def owner(self) -> str:
        """The worker that accepted it."""
        return self.submit.worker or ""

    @property
    def accepted_s(self) -> float:
        """When its acceptance was answered."""
        return self.submit.ended_s or self.submit.invoked_s

    @property
    def accepted_by_s(self) -> float:
        """By when it had been accepted for sure.

        Who waits for the result has one answer to both: the request may have hung for as long as
        an outage, and be accepted behind it.
        """
        waited = [reading for reading in self.readings if reading.kind == "wait"]
        if not waited:
            return self.accepted_s
        return min([event.at_s for event in self.work] + [each.ended_s for each in waited])

    @property
    def due_s(self) -> float:
        """When it ends, if nothing disturbs it and nobody cancels it."""
        natural_s = self.accepted_s + self.lasts_s
        stops = [cancel.ended_s or 0.0 for cancel in self.cancels if claims_success(cancel)]
        return min([natural_s, *stops])

    @property
    def fails(self) -> bool:
        """Whether it was asked to fail, once or always."""
        return self.always_fails or bool(self.submit.asked.get("fail_times"))

    @property
    def always_fails(self) -> bool:
        """Whether each of its runs was asked to fail."""
        return self.submit.asked.get("fail_at") is not None

    @property
    def first_readings(self) -> tuple[ReaderHistory, ...]:
        """Those made to learn how the job ends."""
        return tuple(reading for reading in self.readings if not reading.again)


@dataclass(frozen=True, kw_only=True)
class OutageHistory:
    """The history of one scenario.

    Between `applied_s` and `holds_s` the fault is being applied, between `released_s` and
    `healed_s` it is being healed: what it does then, nobody can say.
    """

    operations: tuple[Operation, ...]
    jobs: tuple[JobHistory, ...]
    timings: Mapping[str, float]
    traits: Mapping[str, Any]
    applied_s: float
    holds_s: float
    released_s: float
    healed_s: float
    whole_s: float
    ended_s: float

    def phase_of(self, at_s: float) -> str:
        """The phase to which an instant belongs."""
        if at_s < self.applied_s:
            return BEFORE
        if at_s < self.healed_s:
            return DURING
        return RECOVERY if at_s < self.whole_s else AFTER

    def met(self, from_s: float, to_s: float) -> bool:
        """Whether a span of time overlaps the fault or the recovery from it."""
        return to_s >= self.applied_s and from_s < self.whole_s

    @property
    def accepted(self) -> list[JobHistory]:
        """Jobs whose submit was accepted."""
        return [life for life in self.jobs if life.job is not None]

    @property
    def costs(self) -> str:
        """What the fault may cost, one of COSTS."""
        return str(self.traits.get("costs", "jobs"))

    @property
    def struck(self) -> frozenset[str]:
        """Labels of the workers that the fault reaches; all of them when it says nothing."""
        named = self.traits.get("struck")
        if named is None:
            return frozenset(op.worker for op in self.operations if op.worker)
        return frozenset(named)

    @property
    def one_master_from_s(self) -> float:
        """Since when, from the fault on, one Redis alone takes writes: behind a failover only.

        While another one takes over, the last writes may be lost with the first.
        """
        return self.healed_s if self.traits.get("moves") else self.applied_s

    @property
    def silenced(self) -> frozenset[str]:
        """Labels of the workers that cannot answer while the fault lasts."""
        return frozenset(self.traits.get("silenced", ()))

    @property
    def apart(self) -> frozenset[str]:
        """Labels of the workers that the fault cuts off from the others; none if it meets all."""
        everybody = {op.worker for op in self.operations if op.worker}
        everybody |= set(self.traits.get("everybody", ()))
        return self.struck if self.struck < everybody else frozenset()

    @property
    def undisturbed(self) -> bool:
        """Whether nothing was done to the target: its phase `during` is a time that is watched."""
        return bool(self.traits.get("undisturbed"))

    @property
    def crew(self) -> frozenset[str]:
        """Labels of the workers that are programs of their own."""
        return frozenset(self.traits.get("crew", ()))

    @property
    def witness_hears(self) -> bool:
        """Whether the witness heard of any job at all, so that its silence means something."""
        return any(op.events or op.facts.get("heard") for op in self.of_kind("work"))

    @property
    def rereads(self) -> bool:
        """Whether a reader who lost his connection may ask for the job's events again."""
        return bool(self.traits.get("rereads", True))

    @property
    def closing(self) -> tuple[EventKind, ...]:
        """The events after which a stream has nothing more to say."""
        return (EventKind.END,) if self.traits.get("end_closes") else TERMINAL

    def of_kind(self, *kinds: str) -> list[Operation]:
        """The operations of some kinds, in their order."""
        return [operation for operation in self.operations if operation.kind in kinds]


def claims_success(cancel: Operation) -> bool:
    """Whether a cancel's answer said that it was done."""
    return bool(cancel.facts.get("claims_success"))
