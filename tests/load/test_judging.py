"""What a load run is worth: gates, history, and a generator that must have kept up."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from queueproof.checkers.jobs import Deviation, LoadFinding
from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.load import tally
from queueproof.load.climbing import FOUND, Capacity, ClimbStep, ClimbWatch, capacity_of
from queueproof.load.gates import gate_from, read_gates
from queueproof.load.judging import Evidence, judge
from queueproof.load.profile import Climb
from queueproof.load.records import RECORDS, Records, read_records
from queueproof.load.resources import Growth, Sample, Sampler, growth_of, unjudged
from queueproof.load.schedule import Stretch
from queueproof.verdicts import Verdict
from queueproof.waiting import eventually
from tests.load.sample import profile

LOST = LoadFinding(deviation=Deviation.LOST, job="j", at_s=1.0, words="ticks 1 of 3")


def seen(submit_ms: float = 10.0, lag_ms: float = 1.0, stopped: str = "", **other: Any) -> Evidence:
    """Evidence of a hundred jobs that all took as long."""
    records = Records()
    for name, each in (("submit", submit_ms), ("lag", lag_ms)):
        records.latencies[name] = tally.histogram()
        for _ in range(100):
            tally.record(records.latencies[name], each / 1000)
    records.counts.update(requests=200, offered=100, ended=100)
    records.processes.append({"lasted_s": 10.0, "stopped": stopped, "trouble": ""})
    return Evidence(**{"records": records, "jobs": 100, **other})


def gated(name: str, limit: float, **other: Any) -> Any:
    return profile(gates=(gate_from(name, limit, where="test"),), **other)


@pytest.mark.parametrize(
    ("name", "limit", "verdict"),
    [
        ("submit.p99_ms", 11, Verdict.PASSED),
        ("submit.p99_ms", 9, Verdict.FAILED),
        ("errors", 0.0, Verdict.PASSED),
        ("served", 0.99, Verdict.PASSED),
        ("jobs_per_s", 9.9, Verdict.PASSED),
        ("jobs_per_s", 10.1, Verdict.FAILED),
        ("poll.p50_ms", 100, Verdict.INCONCLUSIVE),
    ],
)
def test_a_gate_holds_breaks_or_was_not_measured(name: str, limit: float, verdict: Verdict) -> None:
    """A figure that is missing is no figure that is good."""
    assert judge(gated(name, limit), seen()).verdict is verdict


def test_a_generator_that_fell_behind_makes_a_good_figure_worthless() -> None:
    """And a bad one too: nobody knows whose lateness it is."""
    for limit in (9, 11):
        judgement = judge(gated("submit.p99_ms", limit, lag_ms=50), seen(lag_ms=80))
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert "the generator itself fell behind: 80 ms" in " ".join(judgement.reasons)


def test_lost_events_fail_a_run_whatever_else_is_true_of_it() -> None:
    """Good figures do not hide them, and a late generator does not excuse them."""
    for lag_ms in (1, 80):
        judgement = judge(gated("submit.p99_ms", 11), seen(lag_ms=lag_ms, findings=(LOST,)))
        assert judgement.verdict is Verdict.FAILED


def test_a_job_that_cannot_be_settled_makes_a_run_inconclusive() -> None:
    """It is not proven either way."""
    doubt = LoadFinding(deviation=Deviation.UNSETTLED, job="j", at_s=1.0, words="cut")

    assert judge(profile(), seen(findings=(doubt,))).verdict is Verdict.INCONCLUSIVE


def test_a_run_that_was_cut_short_or_found_no_job_does_not_pass() -> None:
    """An empty run proves nothing."""
    assert judge(profile(), seen(stopped="interrupted")).verdict is Verdict.INCONCLUSIVE
    assert judge(profile(), seen(jobs=0)).verdict is Verdict.INCONCLUSIVE


def test_growth_beyond_its_bound_fails_a_soak() -> None:
    """Within it, it is reported."""
    grown = Growth(measure="redis_keys", early=100, late=400, bound=150)

    assert judge(profile(), seen(growth=(grown,))).verdict is Verdict.FAILED
    flat = [{"at": float(at), "redis_keys": 100.0 + at % 3} for at in range(50)]
    assert all(one.held for one in growth_of(flat, {"redis_keys": 5}))
    leak = [{"at": float(at), "redis_keys": 10.0 * at} for at in range(50)]
    assert not all(one.held for one in growth_of(leak, {"redis_keys": 5}))
    assert growth_of(leak[:5], {"redis_keys": 5}) == []


def unjudged_of(
    target: TargetConfig, samples: list[Sample], *, until_at: float, settled_s: float = 0.0
) -> list[str]:
    sampler = Sampler(target, every_s=1.0)
    sampler.samples = samples
    bounds = {"rss_mb": 5.0, "redis_keys": 5.0}
    growth = growth_of(samples, bounds, settled_s=settled_s)
    return unjudged(sampler, bounds, growth, settled_s=settled_s, until_at=until_at)


SEEN = TargetConfig(process_root=1, redis_url="redis://127.0.0.1:1/0")
FLAT: list[Sample] = [{"at": float(at), "rss_mb": 1.0, "redis_keys": 1.0} for at in range(50)]


@pytest.mark.parametrize(
    ("target", "samples", "until_at", "settled_s", "why"),
    [
        (TargetConfig(), [], 50.0, 0.0, ["process_root", "redis_url"]),
        (replace(SEEN, redis_url=""), FLAT, 50.0, 0.0, ["redis_url"]),
        (SEEN, FLAT[:14], 14.0, 0.0, ["14 samples", "14 samples"]),
        (SEEN, FLAT[:30], 50.0, 0.0, ["21 s before the end", "21 s before the end"]),
        (SEEN, [{**one, "redis_keys": 1.0} for one in FLAT], 50.0, 600.0, ["after 600 s"]),
        (SEEN, [{"at": one["at"], "rss_mb": 1.0} for one in FLAT], 50.0, 0.0, ["not be sampled"]),
        (SEEN, FLAT, 50.0, 0.0, []),
    ],
    ids=["nothing seen", "no Redis", "too few", "stopped", "too short", "Redis silent", "judged"],
)
def test_a_declared_bound_without_a_figure_is_not_judged_and_says_why(
    target: TargetConfig, samples: list[Sample], until_at: float, settled_s: float, why: list[str]
) -> None:
    """What was not measured did not stay within its bound."""
    told = unjudged_of(target, samples, until_at=until_at, settled_s=settled_s)

    assert len(told) == len(why)
    assert all(words in line for words, line in zip(why, told, strict=True))
    verdict = judge(profile(), seen(unjudged=tuple(told))).verdict
    assert verdict is (Verdict.INCONCLUSIVE if why else Verdict.PASSED)


def test_samples_are_written_down_as_they_come(tmp_path: Path) -> None:
    """A run that dies leaves those that were taken."""
    log = tmp_path / "samples.jsonl"
    sampler = Sampler(TargetConfig(process_root=os.getpid()), every_s=0.01, log=log)

    async def few() -> int:
        async with sampler.sampling():
            await eventually(lambda: _told(sampler.samples), bool, within_s=5.0)
            return len(log.read_text("utf-8").splitlines())

    assert asyncio.run(few()) >= 1


def test_a_sampler_that_failed_says_so_and_the_run_goes_on() -> None:
    sampler = Sampler(TargetConfig(redis_url="redis://[::bad"), every_s=0.01)

    async def one() -> None:
        async with sampler.sampling():
            await asyncio.sleep(0.05)

    asyncio.run(one())
    assert sampler.trouble


def test_a_lateness_that_was_not_measured_excuses_no_figure() -> None:
    """An empty histogram has no percentile of 0 ms."""
    evidence = seen()
    evidence.records.latencies["lag"] = tally.histogram()
    evidence.records.latencies["poll"] = tally.histogram()

    assert judge(profile(), evidence).verdict is Verdict.INCONCLUSIVE
    assert judge(gated("poll.p99_ms", 5), seen()).verdict is Verdict.INCONCLUSIVE


def window(index: int, ended: int) -> dict[str, Any]:
    one = tally.histogram(digits=2)
    tally.record(one, 0.01)
    counts = {"requests": 2 * ended, "offered": ended, "ended": ended}
    return {
        "index": index,
        "counts": counts,
        "tops": {},
        "latencies": {"submit": tally.encoded(one), "lag": tally.encoded(one)},
    }


def test_a_generator_that_died_leaves_what_it_had_measured(tmp_path: Path) -> None:
    """A verdict of error with figures, not an error without a report."""
    lines = [json.dumps({"windows": [window(0, 5)]}), json.dumps({"windows": [window(1, 7)]})]
    (tmp_path / RECORDS).write_text("\n".join(lines) + '\n{"windows": [{"ind', "utf-8")

    records = read_records(tmp_path, processes=1, on_life=lambda _: None)
    records.salvage(window_s=2.0, began_at=1.0)
    judgement = judge(gated("submit.p99_ms", 11), Evidence(records=records, jobs=12))

    assert "0 of 1 generating processes" in records.trouble
    assert (records.lasted_s, records.counts["ended"]) == (4.0, 12)
    assert judgement.verdict is Verdict.ERROR
    assert [gate.verdict for gate in judgement.gates] == [Verdict.PASSED]
    assert "the generator failed" in " ".join(judgement.reasons)


def test_what_redis_keeps_for_a_time_has_no_bound_before_that_time_is_over() -> None:
    """An hour's TTL fills Redis for an hour; connections have no such excuse."""
    leak = [
        {"at": float(at), "redis_keys": 10.0 * at, "redis_clients": float(at)} for at in range(50)
    ]
    bounds = {"redis_keys": 5.0, "redis_clients": 5.0}

    for settled_s, keys_held in ((9.0, False), (11.0, True)):
        held = {one.measure: one.held for one in growth_of(leak, bounds, settled_s=settled_s)}
        assert held == {"redis_keys": keys_held, "redis_clients": False}


def test_the_largest_process_is_told_beside_the_sum() -> None:
    """Which is a worker; and how much processor time all of them, and the machine, have used."""
    held = "x = 'x' * 60_000_000; print(len(x), flush=True); input()"
    small = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"
    root = subprocess.Popen(
        [sys.executable, "-c", small], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with root:
        assert root.stdout is not None
        assert root.stdout.readline() == "60000000\n"
        sampler = Sampler(TargetConfig(process_root=root.pid), every_s=0.01)

        async def one() -> None:
            async with sampler.sampling():
                await eventually(lambda: _told(sampler.samples), bool, within_s=5.0)

        asyncio.run(one())
        root.communicate("\n")

    sample = sampler.samples[0]
    assert sample["processes"] == 2
    assert 57 < sample["worker_mb"] < sample["rss_mb"] < 2 * sample["worker_mb"]
    assert 0 < sample["cpu_s"] < sample["machine_cpu_s"]


async def _told(samples: list[Sample]) -> bool:
    return bool(samples)


def step(rate: float, *, carried: bool, cpu: float = 0.2) -> ClimbStep:
    return ClimbStep(
        rate=rate,
        offered=100,
        ended=100,
        failed=0,
        p50_ms=1,
        p99_ms=2,
        lag_p99_ms=1,
        generator_cpu=cpu,
        carried=carried,
    )


def test_the_capacity_is_the_last_step_before_two_that_were_not_carried() -> None:
    """One bad step between good ones is an accident."""
    carried = [True, False, True, True, False, False]
    steps = [step(10.0 * n, carried=each) for n, each in enumerate(carried, start=1)]

    assert (capacity_of(steps).jobs_per_s, capacity_of(steps).bounded) == (40.0, True)
    assert (capacity_of(steps[:4]).jobs_per_s, capacity_of(steps[:4]).bounded) == (40.0, False)
    assert capacity_of([step(10, carried=False), step(20, carried=False)]).jobs_per_s == 0.0


def test_a_capacity_that_the_generator_itself_set_is_inconclusive() -> None:
    """It was at its own limit when the target seemed to be at its."""
    steps = [step(10, carried=True), *[step(n, carried=False, cpu=0.95) for n in (20, 30)]]
    ours = capacity_of(steps)
    theirs = Capacity(jobs_per_s=10, bounded=True, by_generator=False, steps=tuple(steps))

    assert judge(profile(), seen(capacity=ours)).verdict is Verdict.INCONCLUSIVE
    assert judge(profile(), seen(capacity=theirs, stopped=FOUND)).verdict is Verdict.PASSED
    assert judge(gated("capacity", 11), seen(capacity=theirs)).verdict is Verdict.FAILED


def test_a_climb_is_over_after_two_steps_that_left_jobs_behind() -> None:
    """And only when every process has told of them."""
    stretches = [Stretch(name="s", lasts_s=2.0, rate=10.0, to=10.0) for _ in range(4)]
    watch = ClimbWatch(Climb(hold_s=2.0, steps=4), stretches, window_s=1.0)

    def told(process: int, index: int, ended: int) -> str:
        latency = tally.histogram(digits=2)
        tally.record(latency, 0.01)
        counts = {"offered": 10, "ended": ended, "requests": 20}
        window = {
            "index": index,
            "counts": counts,
            "tops": {},
            "latencies": {"overhead": tally.encoded(latency)},
        }
        return watch.add({"index": process, "windows": [window]}, processes=2)

    answers = [
        told(process, index, 10 if index < 2 else 3) for index in range(6) for process in (0, 1)
    ]
    assert answers == [""] * 11 + [FOUND]


@pytest.mark.parametrize(
    "table",
    [
        {"submit": {"p99": 5}},
        {"nothing": 1},
        {"errors": "few"},
        {"submit": 5},
        {"job": {"mean": 1}},
    ],
)
def test_what_is_no_gate_is_a_mistake(table: dict[str, Any]) -> None:
    """A gate that is misspelt must not be a gate that holds."""
    with pytest.raises(UsageError):
        read_gates(table, where="test")
