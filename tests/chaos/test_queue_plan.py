"""What clients do in an outage of any queue: slots are filled, and little waits behind them."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from queueproof.case_helpers.later_runs import longer_than_lost_s
from queueproof.chaos.plan import plan_from
from queueproof.chaos.queue_plan import Has, has_of, make_queue_plan
from queueproof.chaos.scenario import Scenario, choose, lacking_need, load_scenarios
from queueproof.checkers.outage_history import BEFORE, DURING
from queueproof.config.promises import Promises
from queueproof.errors import NotAssessed
from queueproof.targets.contracts import embedded_target
from queueproof.targets.system import System

PLAIN = Scenario(
    id="CHAOS-999",
    title="an outage",
    verifies="nothing",
    faults=({"fault": "down"},),
    contracts=("generic",),
)


def test_every_slot_has_a_long_job_and_as_many_wait() -> None:
    plan = make_queue_plan(PLAIN, lasts_s=4.0, seed=1, slots=6)

    before = [errand for errand in plan.errands if errand.phase == BEFORE]
    long = [errand for errand in before if errand.probe.duration_s > 2.0]
    assert (len(long), len(before) - len(long)) == (6, 6)
    assert not any(errand.cancel_in or errand.delay_s for errand in plan.errands)


def test_an_outage_of_a_minute_is_not_followed_by_jobs_of_a_minute() -> None:
    plan = make_queue_plan(PLAIN, lasts_s=60.0, seed=1, slots=6)

    assert max(errand.probe.duration_s for errand in plan.errands) <= 12.0


def test_jobs_that_run_are_cancelled_while_the_outage_lasts() -> None:
    plan = make_queue_plan(replace(PLAIN, jobs="cancelled"), lasts_s=4.0, seed=1, slots=6)

    cancelled = [errand for errand in plan.errands if errand.cancel_in]
    assert len(cancelled) == 6
    assert {errand.cancel_in for errand in cancelled} == {DURING}
    assert all(0.0 < errand.cancel_at_s < 4.0 for errand in cancelled)


def test_delayed_jobs_come_due_in_the_outage_and_after_it() -> None:
    plan = make_queue_plan(replace(PLAIN, jobs="delayed"), lasts_s=4.0, seed=1, slots=6)

    due_s = [errand.at_s + errand.delay_s for errand in plan.errands if errand.delay_s]
    assert min(due_s) < 2.0 + 4.0 < max(due_s)
    assert min(due_s) > 2.0
    assert plan_from(json.loads(json.dumps(plan.as_dict()))) == plan


def test_without_a_fault_each_slot_has_a_job_that_outlasts_the_wait_for_lost_ones() -> None:
    [quiet] = choose(load_scenarios(), ["CHAOS-225"])
    target = embedded_target("generic")
    assert target.promises is not None
    lasts_s = quiet.lasts_s(target.timings, target.promises)

    plan = make_queue_plan(quiet, lasts_s=lasts_s, seed=1, slots=6)

    outlasting = [
        errand for errand in plan.errands if errand.probe.duration_s > target.promises.redelivery_s
    ]
    assert len(outlasting) == 6
    assert {errand.phase for errand in outlasting} == {BEFORE}


def test_what_would_take_too_long_to_outlast_is_not_waited_for() -> None:
    [quiet] = choose(load_scenarios(), ["CHAOS-225"])
    target = embedded_target("generic")
    patient = replace(target, promises=Promises(redelivery_s=600.0))

    assert lacking_need(quiet, target, launched=True) == ""
    assert "750 s is longer" in lacking_need(quiet, patient, launched=True)


def test_a_job_longer_than_any_may_take_is_not_asked_for() -> None:
    """A time limit for jobs, or a lease that nobody renews: the documentation announces its end."""
    [quiet] = choose(load_scenarios(), ["CHAOS-225"])
    limited = Promises(
        redelivery_s=40.0, longest_job_s=20.0, sources={"longest_job_s": "Worker: job_timeout"}
    )
    target = replace(embedded_target("generic"), promises=limited)

    assert lacking_need(quiet, target, launched=True) == (
        "a job of 50 s is longer than the target file allows: longest_job_s = 20 "
        "(Worker: job_timeout)"
    )
    roomy = replace(target, promises=replace(limited, longest_job_s=50.0))
    assert lacking_need(quiet, roomy, launched=True) == ""


@pytest.mark.parametrize(
    ("promises", "asked_s", "why"),
    [
        (Promises(redelivery_s=20.0), 25.0, ""),
        (Promises(redelivery_s=40.0), None, "longer than is waited for"),
        (Promises(redelivery_s=20.0, longest_job_s=20.0), None, "longest_job_s = 20"),
        (Promises(redelivery_s=20.0, longest_job_s=25.0), 25.0, ""),
    ],
)
def test_cases_on_long_jobs_ask_for_none_that_the_target_does_not_allow(
    promises: Promises, asked_s: float | None, why: str
) -> None:
    target = cast("System", SimpleNamespace(promises=promises))
    if asked_s is None:
        with pytest.raises(NotAssessed, match=why):
            longer_than_lost_s(target, times=1.25, at_most_s=45.0)
    else:
        assert longer_than_lost_s(target, times=1.25, at_most_s=45.0) == asked_s


def test_an_outage_is_not_played_where_what_it_is_about_is_not_promised() -> None:
    target = embedded_target("generic")
    silent = replace(target, promises=Promises())

    for need in ("cancels", "delays", "kept data", "redelivery", "retries", "priorities"):
        scenario = replace(PLAIN, needs=(need,))
        assert lacking_need(scenario, target, launched=False) == ""
        assert "not promised" in lacking_need(scenario, silent, launched=False)


HAS = Has(streams=True, retries=12, retry_s=1.0, priorities=("low", "normal", "high"))


def test_jobs_fail_inside_the_outage_and_after_it_and_are_run_again_all_along() -> None:
    plan = make_queue_plan(replace(PLAIN, jobs="failing"), lasts_s=4.0, seed=1, slots=6, has=HAS)

    before = [errand for errand in plan.errands if errand.phase == BEFORE]
    assert len([errand for errand in before if errand.probe.duration_s > 2.0]) < 6
    assert any(2.0 < errand.at_s + errand.probe.duration_s < 6.0 for errand in before)
    assert max(errand.retries for errand in before) == 12
    assert any(errand.fail_times and errand.retries > errand.fail_times for errand in before)
    assert plan_from(json.loads(json.dumps(plan.as_dict()))) == plan


def test_without_retries_no_job_asks_for_any() -> None:
    plan = make_queue_plan(replace(PLAIN, jobs="failing"), lasts_s=4.0, seed=1, slots=6)

    assert not any(errand.retries or errand.fail_times for errand in plan.errands)
    assert any(errand.fail_at >= 0 for errand in plan.errands)


def test_all_runs_of_a_job_and_the_pauses_between_them_take_their_time() -> None:
    [errand, *_] = make_queue_plan(PLAIN, lasts_s=4.0, seed=1, slots=6).errands
    again = replace(errand, ticks=2, interval_s=0.1, fail_at=1, retries=3, retry_s=1.0)

    assert again.lasts_s == pytest.approx(3.4)
    assert replace(errand, ticks=4, interval_s=0.1).lasts_s == pytest.approx(0.4)


def test_the_least_urgent_wait_first() -> None:
    plan = make_queue_plan(replace(PLAIN, jobs="urgent"), lasts_s=4.0, seed=1, slots=6, has=HAS)

    waiting = sorted((e.at_s, e.priority) for e in plan.errands if e.priority)
    assert [priority for _, priority in waiting] == ["low"] * 4 + ["high"] * 4


def test_where_redis_is_struck_jobs_end_inside_the_outage_without_a_word_before() -> None:
    """Of a worker that is struck the long jobs tick, which shows when they are begun again."""
    plain = make_queue_plan(PLAIN, lasts_s=4.0, seed=1, slots=6, has=HAS)
    struck = make_queue_plan(
        replace(PLAIN, affected_replicas=(1,)), lasts_s=4.0, seed=1, slots=6, has=HAS
    )

    assert sum(errand.ticks == 1 for errand in plain.errands) == 3
    assert not any(errand.ticks == 1 for errand in struck.errands)


def test_some_jobs_are_streamed_where_there_are_streams() -> None:
    assert {
        errand.read
        for errand in make_queue_plan(PLAIN, lasts_s=4.0, seed=1, slots=6, has=HAS).errands
    } == {"poll", "both"}
    assert has_of(embedded_target("generic")).streams


def test_retries_after_a_long_pause_are_not_waited_for() -> None:
    target = embedded_target("generic")
    failing = replace(PLAIN, needs=("retries",))
    slow = replace(target, promises=Promises(retries=3, retry_pause_s=180.0))

    assert lacking_need(failing, target, launched=True) == ""
    assert "needs [promises] retries" in lacking_need(failing, slow, launched=True)
