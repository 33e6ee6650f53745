"""What clients do in an outage of a queue that a mapping describes.

Theory: how many jobs run at once is declared, and little may be known besides. So every slot is
filled with a job that the outage meets, a few jobs wait behind them (some of those may sit in a
worker's memory already), and a few come meanwhile and afterwards. More would only wait, and waiting
is no fault.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from queueproof.chaos.plan import Errand, Plan
from queueproof.chaos.scenario import CANCELLED, DELAYED, FAILING, OUTLASTING, URGENT, Scenario
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING, RECOVERY
from queueproof.config.model import TargetConfig
from queueproof.config.promises import Promises

_MOST_SLOTS = 12
_TICK_S = 0.25
_SHORT_TICKS, _SHORT_TICK_S = 6, 0.1
#: Half of the long jobs end inside the outage if nothing keeps them, half of them after it.
_PAST_S = 2.0
#: Jobs of a minute would be waited for a minute after an outage of a minute.
_LONGEST_S = 12.0
#: Shares of an outage after which delayed jobs come due: inside it, and when slots are free again.
#: Some of the late ones are with whoever is struck, should workers hold them.
_DUE_AT = (0.3, 0.8, 6.0, 6.1, 6.2, 6.3, 6.4, 6.5, 6.6, 6.7)
#: All at once, or in step with the workers' looks, they would be taken by one and the same.
_APART_S = (0.1, 0.25)
#: Of each priority so many wait.
_EACH = 4
#: More than ten, where that is promised: 9 is less than 10, though not as a text.
_MOST_RETRIES = 12
_FAILING_TICK_S = 0.1
#: One more than an interruption may take.
_FEW_RETRIES = 2
#: What a queue may add to a pause that is promised, and the looks of its workers.
_PAUSES, _LOOKED_AFTER_S = 3.0, 1.0


@dataclass(frozen=True, kw_only=True)
class Has:
    """What of a target decides what may be asked of it in an outage.

    streams     whoever asks may have a job's events as a stream
    retries     how often a job that fails may be run again, `retry_s` how long the pause may take
    priorities  the least urgent first
    """

    streams: bool = False
    retries: int = 0
    retry_s: float = 0.0
    priorities: tuple[str, ...] = ()


def has_of(target: TargetConfig) -> Has:
    """What a described target has."""
    promises, mapping = target.promises or Promises(), target.mapping
    return Has(
        streams=mapping is not None and "stream" in mapping.calls,
        retries=promises.retries,
        retry_s=_PAUSES * promises.retry_pause_s + _LOOKED_AFTER_S,
        priorities=promises.priorities,
    )


def make_queue_plan(
    scenario: Scenario, *, lasts_s: float, seed: int, slots: int, has: Has = Has()
) -> Plan:
    """The errands of a scenario, where `slots` jobs run at once; the seed decides moments alone."""
    choice = random.Random(f"{seed} {scenario.id}")  # noqa: S311  (a schedule, no secret)
    maker = _QueueMaker(choice, has)
    slots = min(slots, _MOST_SLOTS)
    maker.fill(scenario, slots, lasts_s)
    if scenario.jobs == FAILING:
        maker.failing_all_along(lasts_s)
    else:
        maker.wait_behind(scenario, slots, lasts_s)
    for phase, shares in ((DURING, (0.2, 0.8)), (RECOVERY, (0.0, 0.5)), (AFTER, (0.0, 0.2))):
        for share in shares:
            span_s = lasts_s if phase == DURING else 1.0
            maker.short(phase, share * span_s + choice.uniform(0.0, 0.1))
    return Plan(
        scenario=scenario.id,
        seed=seed,
        steady_s=scenario.steady_s,
        lasts_s=lasts_s,
        errands=tuple(maker.errands),
    )


class _QueueMaker:
    """Numbers errands; the front is asked, whoever works."""

    def __init__(self, choice: random.Random, has: Has) -> None:
        self.errands: list[Errand] = []
        self._choice = choice
        self._has = has

    def fill(self, scenario: Scenario, slots: int, lasts_s: float) -> None:
        """A long job for each slot; where jobs fail, a few slots are left to their later runs.

        Where Redis is what is struck, those that end inside the outage are quiet before: they end
        then, instead of waiting to tell a tick.
        """
        failing = scenario.jobs == FAILING
        quiet = scenario.affected_replicas is None and not scenario.every_worker
        for number in range(slots - slots // 3 if failing else slots):
            inside = number % 2 == 1
            span_s = scenario.steady_s + (0.5 * lasts_s if inside else lasts_s + _PAST_S)
            span_s = lasts_s if scenario.jobs == OUTLASTING else min(span_s, _LONGEST_S)
            rest = self.cancelled(lasts_s) if scenario.jobs == CANCELLED else {}
            if failing:
                retries = self.retries(_FEW_RETRIES) if number % 4 == 1 else {}
                self.quiet(0.05 * number, span_s, ticks=2, fail_at=1, **retries)
            elif quiet and inside and scenario.jobs in ("", URGENT):
                self.quiet(0.05 * number, span_s, ticks=1)
            else:
                self.long(0.05 * number, span_s, **rest)

    def failing_all_along(self, lasts_s: float) -> None:
        """Jobs that fail before the outage, in it and after it."""
        for phase, at_s in ((BEFORE, 0.1), (DURING, 0.2 * lasts_s), (RECOVERY, 0.0)):
            self.failing(phase, at_s)

    def wait_behind(self, scenario: Scenario, slots: int, lasts_s: float) -> None:
        """What waits for a slot, or for its time; of several priorities the least urgent first,
        and before them what a worker may take ahead.
        """
        asked_s = 0.0
        for share in _DUE_AT if scenario.jobs == DELAYED else ():
            due_s = scenario.steady_s + share * lasts_s
            self.short(BEFORE, 0.1 + asked_s, delay_s=round(due_s - asked_s, 3))
            asked_s += self._choice.uniform(*_APART_S)
        at_s = 0.05 * slots + 0.4
        urgent = scenario.jobs == URGENT
        for number in range(max(4, slots)):
            self.short(BEFORE, at_s + 0.05 * number)
        if not urgent:
            return
        for turn, priority in enumerate((*self._has.priorities[:1], *self._has.priorities[-1:])):
            for number in range(_EACH):
                self.short(BEFORE, at_s + 0.3 * (turn + 1) + 0.02 * number, priority=priority)

    def long(self, at_s: float, span_s: float, **rest: Any) -> None:
        """A job that is there before the outage and works for `span_s` seconds."""
        ticks = max(2, round(span_s / _TICK_S))
        self._add(BEFORE, at_s, ticks=ticks, interval_s=_TICK_S, **rest)

    def quiet(self, at_s: float, span_s: float, *, ticks: int, **rest: Any) -> None:
        """A job that is there before the outage and takes as long, after a single tick."""
        self._add(BEFORE, at_s, ticks=ticks, interval_s=round(span_s, 3), **rest)

    def short(self, phase: str, at_s: float, **rest: Any) -> None:
        """A job of less than a second."""
        self._add(phase, at_s, ticks=_SHORT_TICKS, interval_s=_SHORT_TICK_S, **rest)

    def failing(self, phase: str, at_s: float) -> None:
        """Jobs that fail at once: always, without and with retries, and until the last but two."""
        most = self.retries(_MOST_RETRIES if phase == BEFORE else 1)
        brief = {"ticks": 2, "interval_s": _FAILING_TICK_S}
        self._add(phase, at_s, **brief, fail_at=1)
        for _ in range(2 if phase == BEFORE else 1):
            self._add(phase, at_s, **brief, fail_at=1, **most)
        if (spare := most.get("retries", 0) - 2) > 0:
            self._add(phase, at_s, **brief, fail_times=spare, **most)

    def retries(self, most: int) -> dict[str, Any]:
        """So many retries, or as many as there may be."""
        retries = min(most, self._has.retries)
        return {"retries": retries, "retry_s": self._has.retry_s} if retries else {}

    def cancelled(self, lasts_s: float) -> dict[str, Any]:
        """When a job is cancelled: in the first half of the outage."""
        at_s = round(self._choice.uniform(0.1, 0.5) * lasts_s, 3)
        return {"cancel_in": DURING, "cancel_at_s": at_s}

    def _add(self, phase: str, at_s: float, **rest: Any) -> None:
        number = len(self.errands)
        both = self._has.streams and phase == BEFORE and number % 3 == 0
        self.errands.append(
            Errand(
                number=number,
                phase=phase,
                at_s=round(at_s, 3),
                via=0,
                read="both" if both else "poll",
                read_via=0,
                **rest,
            )
        )
