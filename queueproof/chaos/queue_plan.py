"""What clients do in an outage of a queue that a mapping describes.

Theory: how many jobs run at once is declared, and little may be known besides. So every slot is
filled with a job that the outage meets, a few jobs wait behind them (some of those may sit in a
worker's memory already), and a few come meanwhile and afterwards. More would only wait, and waiting
is no fault.
"""

from __future__ import annotations

import random

from queueproof.chaos.plan import Errand, Plan
from queueproof.chaos.scenario import Scenario
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING, RECOVERY

_MOST_SLOTS = 12
_TICK_S = 0.25
_SHORT_TICKS, _SHORT_TICK_S = 6, 0.1
#: Half of the long jobs end inside the outage if nothing keeps them, half of them after it.
_PAST_S = 2.0


def make_queue_plan(scenario: Scenario, *, lasts_s: float, seed: int, slots: int) -> Plan:
    """The errands of a scenario, where `slots` jobs run at once; the seed decides moments alone."""
    choice = random.Random(f"{seed} {scenario.id}")  # noqa: S311  (a schedule, no secret)
    slots = min(slots, _MOST_SLOTS)
    errands: list[Errand] = []

    def add(phase: str, at_s: float, ticks: int, interval_s: float) -> None:
        errands.append(
            Errand(
                number=len(errands),
                phase=phase,
                at_s=round(at_s, 3),
                via=0,
                read="poll",
                read_via=0,
                ticks=ticks,
                interval_s=interval_s,
            )
        )

    for number in range(slots):
        share = 0.5 if number % 2 else 1.0
        span_s = scenario.steady_s + share * lasts_s + _PAST_S * (number % 2 == 0)
        add(BEFORE, 0.05 * number, max(2, round(span_s / _TICK_S)), _TICK_S)
    for number in range(max(2, slots // 2)):
        at_s = 0.05 * slots + 0.4 + 0.05 * number
        add(BEFORE, at_s, _SHORT_TICKS, _SHORT_TICK_S)
    for phase, spans in ((DURING, (0.2, 0.8)), (RECOVERY, (0.0, 0.5)), (AFTER, (0.0, 0.2))):
        for share in spans:
            span_s = lasts_s if phase == DURING else 1.0
            at_s = share * span_s + choice.uniform(0.0, 0.1)
            add(phase, at_s, _SHORT_TICKS, _SHORT_TICK_S)
    return Plan(
        scenario=scenario.id,
        seed=seed,
        steady_s=scenario.steady_s,
        lasts_s=lasts_s,
        errands=tuple(errands),
    )
