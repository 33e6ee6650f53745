"""What clients do in an outage of a queue that a mapping describes.

Theory: how many jobs run at once is declared, and little may be known besides. So every slot is
filled with a job that the outage meets, a few jobs wait behind them (some of those may sit in a
worker's memory already), and a few come meanwhile and afterwards. More would only wait, and waiting
is no fault.
"""

from __future__ import annotations

import random
from typing import Any

from queueproof.chaos.plan import Errand, Plan
from queueproof.chaos.scenario import CANCELLED, DELAYED, OUTLASTING, Scenario
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING, RECOVERY

_MOST_SLOTS = 12
_TICK_S = 0.25
_SHORT_TICKS, _SHORT_TICK_S = 6, 0.1
#: Half of the long jobs end inside the outage if nothing keeps them, half of them after it.
_PAST_S = 2.0
#: Jobs of a minute would be waited for a minute after an outage of a minute.
_LONGEST_S = 12.0
#: Shares of an outage after which delayed jobs come due: inside it, and when slots are free again.
#: Some of the late ones are with whoever is struck, should workers hold them.
_DUE_AT = (0.3, 0.8, 6.0, 6.1, 6.2, 6.3, 6.4, 6.5)


def make_queue_plan(scenario: Scenario, *, lasts_s: float, seed: int, slots: int) -> Plan:
    """The errands of a scenario, where `slots` jobs run at once; the seed decides moments alone."""
    choice = random.Random(f"{seed} {scenario.id}")  # noqa: S311  (a schedule, no secret)
    maker = _QueueMaker(choice)
    slots = min(slots, _MOST_SLOTS)
    for number in range(slots):
        share = 0.5 if number % 2 else 1.0
        span_s = scenario.steady_s + share * lasts_s + _PAST_S * (number % 2 == 0)
        cancelled = maker.cancelled(lasts_s) if scenario.jobs == CANCELLED else {}
        span_s = lasts_s if scenario.jobs == OUTLASTING else min(span_s, _LONGEST_S)
        maker.long(0.05 * number, span_s, **cancelled)
    if scenario.jobs == DELAYED:
        for share in _DUE_AT:
            maker.short(BEFORE, 0.1, delay_s=scenario.steady_s + share * lasts_s)
    for number in range(max(4, slots)):
        maker.short(BEFORE, 0.05 * slots + 0.4 + 0.05 * number)
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

    def __init__(self, choice: random.Random) -> None:
        self.errands: list[Errand] = []
        self._choice = choice

    def long(self, at_s: float, span_s: float, **rest: Any) -> None:
        """A job that is there before the outage and works for `span_s` seconds."""
        ticks = max(2, round(span_s / _TICK_S))
        self._add(BEFORE, at_s, ticks=ticks, interval_s=_TICK_S, **rest)

    def short(self, phase: str, at_s: float, **rest: Any) -> None:
        """A job of less than a second."""
        self._add(phase, at_s, ticks=_SHORT_TICKS, interval_s=_SHORT_TICK_S, **rest)

    def cancelled(self, lasts_s: float) -> dict[str, Any]:
        """When a job is cancelled: in the first half of the outage."""
        at_s = round(self._choice.uniform(0.1, 0.5) * lasts_s, 3)
        return {"cancel_in": DURING, "cancel_at_s": at_s}

    def _add(self, phase: str, at_s: float, **rest: Any) -> None:
        self.errands.append(
            Errand(
                number=len(self.errands),
                phase=phase,
                at_s=round(at_s, 3),
                via=0,
                read="poll",
                read_via=0,
                **rest,
            )
        )
