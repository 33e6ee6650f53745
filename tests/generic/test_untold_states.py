"""Where a queue tells nothing of a job, that nothing wrong was told shows nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.promises import Promises
from queueproof.errors import Inconclusive, Violation
from queueproof.history import Outcome
from queueproof.probe import Probe
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.statuses import StatusReply
from queueproof.targets.worker import Worker

DELAYS: Any = import_module("suites.promises.test_delays_and_retries")
RESULTS: Any = import_module("suites.promises.test_results")
WAITS = StatusReply(outcome=Outcome.OK, status=200, state="delayed")
OVER = StatusReply(outcome=Outcome.OK, status=200, state="done", ending=Ending.COMPLETED)
ERROR = StatusReply(outcome=Outcome.FAILED, status=500, detail="KeyError")
SILENCE = StatusReply(outcome=Outcome.UNKNOWN, detail="no answer within 2.0 s")


class Target:
    """Accepts jobs, and tells of each what it is to tell, over and over."""

    def __init__(self, *told: StatusReply, results_s: float = 60.0) -> None:
        self.asked, self.runs, self._told, self._now_s = 0, 0, told, 0.0
        self.workers = (Worker("a", "1"), Worker("b", "2"))
        self.history = SimpleNamespace(now_s=lambda: self._now_s)
        self.witness = SimpleNamespace(sightings=self._sightings)
        self.timings = SimpleNamespace(recovery_s=0.1, answer_s=0.1)
        self.promises = Promises(results_s=results_s)

    async def submit(self, probe: Probe, *, via: Worker) -> Job:
        system: Any = self
        return Job(id="job", key="k", probe=probe, owner=via, submitted_s=0.0, system=system)

    async def status(self, *_: Any, **__: Any) -> StatusReply:
        self.asked += 1
        # It begins, or begins again, once it was asked of often enough.
        self.runs = 0 if self.asked < 8 else 2
        return self._told[min(self.asked, len(self._told)) - 1]

    def within(self, _: Probe) -> float:
        return 1.0

    def takes(self, seconds: float) -> None:
        self._now_s += seconds

    def _sightings(self, _: str) -> list[Any]:
        return [SimpleNamespace(tick=0, at_s=self._now_s)] * self.runs


@pytest.fixture
def waited_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[Target], None]:
    """PROM-019: the status of a job that waits for its time."""

    def played(target: Target) -> None:
        monkeypatch.setattr(DELAYS, "status", target.status)
        case = DELAYS.test_the_status_of_a_job_that_waits_for_its_time_is_no_end
        asyncio.run(case(target, target.workers))

    return played


@pytest.fixture
def run_again(monkeypatch: pytest.MonkeyPatch) -> Callable[[Target], None]:
    """PROM-002: the status of a job that fails, and is run again."""

    def played(target: Target) -> None:
        monkeypatch.setattr(RESULTS, "status", target.status)
        case = RESULTS.test_a_job_that_will_be_run_again_is_not_told_to_have_ended
        asyncio.run(case(target, target.workers[:1]))

    return played


@pytest.fixture(params=["waited_for", "run_again"])
def play(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_a_job_that_is_told_to_be_under_way_is_right(play: Any) -> None:
    play(Target(WAITS))


def test_one_answer_among_errors_is_enough(play: Any) -> None:
    play(Target(ERROR, SILENCE, WAITS))


def test_an_end_that_is_told_too_early_is_wrong(play: Any) -> None:
    with pytest.raises(Violation):
        play(Target(WAITS, OVER))


@pytest.mark.parametrize("told", [ERROR, SILENCE], ids=["an error", "silence"])
def test_where_nothing_is_told_nothing_is_shown(play: Any, told: StatusReply) -> None:
    with pytest.raises(Inconclusive, match="no status was told before its"):
        play(Target(told))


@pytest.mark.parametrize(
    ("results_s", "raised"),
    [(60.0, Violation), (0.0, Violation), (3.0, Inconclusive)],
    ids=["kept", "not said", "may be gone"],
)
def test_a_result_that_may_be_gone_by_right_accuses_nobody(
    monkeypatch: pytest.MonkeyPatch, results_s: float, raised: type[Exception]
) -> None:
    """It takes a while to ask every worker for every result."""
    target = Target(results_s=results_s)

    async def read_job(job: Job) -> Delivery:
        return Delivery(job=job, events=(), ending=Ending.COMPLETED, ended_s=0.0)

    async def result(*_: Any, **__: Any) -> StatusReply:
        target.takes(1.0)
        return StatusReply(outcome=Outcome.FAILED, status=404)

    monkeypatch.setattr(RESULTS, "read_job", read_job)
    monkeypatch.setattr(RESULTS, "result", result)
    case = RESULTS.test_every_worker_tells_the_result_that_each_job_computed

    with pytest.raises(raised):
        asyncio.run(case(target, target.workers))
