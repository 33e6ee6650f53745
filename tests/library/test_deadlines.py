"""What the declared timings add up to, and how a case lets time pass until then."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers.moments import pass_time, wait_until
from queueproof.config.deadlines import (
    kept_for_s,
    reclaimed_within_s,
    recovered_within_s,
    stopped_within_s,
)
from queueproof.config.model import Timings
from queueproof.history import History

from .. import virtual_time

TIMINGS = Timings(
    answer_s=1.0,
    cancel_effect_s=2.0,
    recovery_s=4.0,
    stale_threshold_s=8.0,
    watchdog_interval_s=16.0,
)


def test_each_deadline_is_the_sum_of_what_may_pass_before() -> None:
    assert stopped_within_s(TIMINGS) == 3.0
    assert recovered_within_s(TIMINGS) == 5.0
    assert reclaimed_within_s(TIMINGS) == 26.0


@pytest.mark.parametrize(
    ("threshold_s", "kept_s"),
    [(8.0, 7.0), (2.5, 1.5), (2.0, 1.2), (0.5, 0.3), (0.0, math.inf), (-1.0, math.inf)],
)
def test_a_silent_client_keeps_its_job_for_nearly_the_whole_threshold(
    threshold_s: float, kept_s: float
) -> None:
    timings = Timings(stale_threshold_s=threshold_s)

    assert kept_for_s(timings) == pytest.approx(kept_s)


def at_s(kind: str, seconds: float) -> float:
    """On the history's clock, which began two seconds ago, how late it is when the wait is over."""

    async def scenario() -> float:
        history = History()
        history._epoch -= 2.0
        target: Any = SimpleNamespace(history=history)
        await (wait_until if kind == "until" else pass_time)(target, seconds)
        return history.now_s()

    return virtual_time.run(scenario)


def test_a_moment_is_waited_for_unless_it_is_over() -> None:
    assert at_s("until", 5.0) == pytest.approx(5.0)
    assert at_s("until", 1.0) == 2.0


def test_a_while_passes() -> None:
    assert at_s("for", 3.0) == pytest.approx(5.0, abs=0.2)
    assert at_s("for", 3.0) >= 5.0
