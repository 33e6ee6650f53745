"""What clients do in a scenario, decided before it begins: the schedule that can be replayed.

An errand is one client's: submit a probe, read it to its end, perhaps cancel it. Its times are
offsets from the beginning of a phase, since how long a recovery takes is not known beforehand.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from queueproof.chaos.scenario import Scenario
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING, PHASES, RECOVERY
from queueproof.config.kinds import SECONDS, AsItIs, ListOf, Table, Text, Whole
from queueproof.probe import Probe
from queueproof.targets.workload_traits import WorkloadTraits

_USUAL = WorkloadTraits()
_SHORT = Probe(ticks=8, interval_s=0.1, witnessed=True)
_TAIL_S = 3.0
#: Where in the outage a job ends, as a share of its length: its last words fall into it.
_ENDS_AT = 0.4
_REPLICA = Whole(least=-1, most=100)
_ERRAND = Table(
    {
        "number": Whole(most=100_000),
        "phase": Text(choices=PHASES),
        "at_s": SECONDS,
        "via": Whole(most=100),
        "read": Text(choices=("poll", "stream", "both", "wait")),
        "read_via": _REPLICA,
        "ticks": Whole(least=1, most=100_000),
        "interval_s": SECONDS,
        "cancel_in": Text(choices=("", *PHASES)),
        "cancel_at_s": SECONDS,
        "cancel_via": _REPLICA,
        "delay_s": SECONDS,
        "fail_at": Whole(least=-1, most=100_000),
        "fail_times": Whole(most=100),
        "retries": Whole(most=100),
        "retry_s": SECONDS,
        "priority": Text(),
    },
    needed=("number", "phase", "at_s", "via", "read", "read_via", "ticks", "interval_s"),
)
_PLAN = Table(
    {
        "scenario": Text(filled=True),
        "seed": AsItIs(),
        "steady_s": SECONDS,
        "lasts_s": SECONDS,
        "errands": ListOf(kind=_ERRAND, least=1),
    },
    needed=("scenario", "seed", "steady_s", "lasts_s", "errands"),
)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One client's errand; workers are named by the index of their replica.

    `read` is poll, stream, both, or wait (the answer to the submit is the result), `read_via` a
    replica, or -1 for all in turn. `cancel_in` is the
    phase in which the job is cancelled, `cancel_at_s` seconds into it, or empty. `delay_s` is how
    long the queue shall hold the job back, `priority` which of its priorities it has (empty: none).

    It fails at tick `fail_at` (-1: at none), or so often as `fail_times` says, and is to be run
    again at most `retries` times; `retry_s` is how long the pause before such a run may take.
    """

    number: int
    phase: str
    at_s: float
    via: int
    read: str
    read_via: int
    ticks: int
    interval_s: float
    cancel_in: str = ""
    cancel_at_s: float = 0.0
    cancel_via: int = 0
    delay_s: float = 0.0
    fail_at: int = -1
    fail_times: int = 0
    retries: int = 0
    retry_s: float = 0.0
    priority: str = ""

    @property
    def lasts_s(self) -> float:
        """How long its job takes with all its runs, when nothing disturbs it."""
        again = self.fail_times or self.retries
        return (1 + again) * self.probe.duration_s + again * self.retry_s

    @property
    def probe(self) -> Probe:
        """The job that it submits."""
        return Probe(
            ticks=self.ticks,
            interval_s=self.interval_s,
            delay_s=self.delay_s,
            fail_at=self.fail_at if self.fail_at >= 0 else None,
            fail_times=self.fail_times,
            retries=self.retries,
            priority=self.priority,
            witnessed=True,
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that is going to be done to the target in one scenario."""

    scenario: str
    seed: int
    steady_s: float
    lasts_s: float
    errands: tuple[Errand, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return asdict(self)


def plan_from(data: Mapping[str, Any], *, where: str = "a recorded schedule") -> Plan:
    """The plan that `as_dict` wrote; raises UsageError for anything else."""
    values = _PLAN.read(dict(data), f"{where}: not a recorded schedule: plan")
    return Plan(**{**values, "errands": tuple(Errand(**each) for each in values["errands"])})


def make_plan(
    scenario: Scenario, *, lasts_s: float, seed: int, traits: WorkloadTraits = _USUAL
) -> Plan:
    """The errands of a scenario: the seed decides replicas and moments, not what is covered."""
    choice = random.Random(f"{seed} {scenario.id}")  # noqa: S311  (a schedule, no secret)
    doors = traits.doors(scenario.replicas)
    maker = _Maker(len(set(doors)), choice, traits.tick_s)
    span_s = scenario.steady_s + lasts_s + _TAIL_S
    one, other = traits.ways
    first, second = traits.cancelled_ways
    ends_s = scenario.steady_s + _ENDS_AT * lasts_s
    for turn, via in enumerate(doors):
        maker.short(BEFORE, 0.1, via, one)
        maker.short(BEFORE, 0.2, via, other)
        maker.long(span_s, via, one)
        maker.long(span_s, via, other)
        maker.long(span_s + 4.0, via, second, DURING, choice.uniform(0.1, 0.6) * lasts_s)
        maker.long(span_s + 6.0, via, first, RECOVERY, choice.uniform(0.0, 0.2))
        maker.long(span_s + 8.0, via, second, RECOVERY, choice.uniform(0.3, 0.8))
        maker.short(DURING, choice.uniform(0.05, 0.3) * lasts_s, via, one)
        maker.short(DURING, choice.uniform(0.5, 0.95) * lasts_s, via, other)
        maker.short(RECOVERY, choice.uniform(0.0, 0.2), via, one)
        maker.short(RECOVERY, choice.uniform(0.3, 1.0), via, other)
        maker.short(AFTER, 0.0, via, one)
        maker.short(AFTER, 0.1, via, other)
        maker.long(8.0, via, second, AFTER, 0.8, phase=AFTER)
        maker.ending(ends_s, via, other if turn % 2 else one)
    return Plan(
        scenario=scenario.id,
        seed=seed,
        steady_s=scenario.steady_s,
        lasts_s=lasts_s,
        errands=tuple(maker.errands),
    )


class _Maker:
    """Numbers errands and spreads their readers over the replicas."""

    def __init__(self, replicas: int, choice: random.Random, tick_s: float) -> None:
        self.errands: list[Errand] = []
        self._tick_s = tick_s
        self._replicas = replicas
        self._choice = choice

    def short(self, phase: str, at_s: float, via: int, read: str) -> None:
        """A job of less than a second."""
        self._add(phase, at_s, via, read, ticks=_SHORT.ticks, interval_s=_SHORT.interval_s)

    def long(
        self,
        span_s: float,
        via: int,
        read: str,
        cancel_in: str = "",
        cancel_at_s: float = 0.0,
        *,
        phase: str = BEFORE,
    ) -> None:
        """A job that lives for `span_s` seconds unless it is cancelled."""
        self._add(
            phase,
            self._choice.uniform(0.3, 0.8),
            via,
            read,
            ticks=round(span_s / self._tick_s),
            interval_s=self._tick_s,
            cancel_in=cancel_in,
            cancel_at_s=cancel_at_s,
        )

    def ending(self, ends_s: float, via: int, read: str) -> None:
        """A job that comes to its own end `ends_s` into the scenario."""
        at_s = 0.4
        ticks = max(1, round((ends_s - at_s) / self._tick_s))
        self._add(BEFORE, at_s, via, read, ticks=ticks, interval_s=self._tick_s)

    def _add(self, phase: str, at_s: float, via: int, read: str, **rest: Any) -> None:
        others = [index for index in range(self._replicas) if index != via] or [via]
        self.errands.append(
            Errand(
                number=len(self.errands),
                phase=phase,
                at_s=round(at_s, 3),
                via=via,
                read=read,
                read_via=-1 if read == "poll" else self._choice.choice([via, *others]),
                cancel_via=self._choice.choice(others),
                **rest,
            )
        )
