"""What is taken for whole service, in words: builds and cancels from each worker to the next."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.chaos import whole_service
from queueproof.chaos.stopping import stops_in_time
from queueproof.chaos.whole_service import become_whole, lacking
from queueproof.errors import HarnessError, Inconclusive, TargetUnreachable
from queueproof.history import Event, EventKind, Outcome
from queueproof.probe import Probe
from queueproof.targets.job import Ending
from queueproof.targets.protocol import CancelReply, SubmitReply
from queueproof.targets.witness import Sighting
from queueproof.targets.worker import Worker

from .. import virtual_time
from .watched_systems import A, B, C, WatchedSystem, monitored

CANARY = Probe(ticks=3, interval_s=0.05, witnessed=True)
CANCELLED = Probe(ticks=240, interval_s=0.05, witnessed=True)


class Reader:
    """Reads of each worker's builds what `told` says, else all of it."""

    def __init__(self) -> None:
        self.told: dict[Worker, tuple[list[int], Ending, str]] = {}
        self.asked: list[tuple[Worker, Worker, float]] = []

    async def __call__(self, job: Any, *, via: Worker, within_s: float) -> Any:
        self.asked.append((job.owner, via, within_s))
        ticks, ending, detail = self.told.get(job.owner, ([0, 1, 2], Ending.COMPLETED, ""))
        kinds = [EventKind.TICK] * len(ticks)
        kinds += [EventKind.END] if ending is Ending.COMPLETED else []
        events = [Event(kind=kind, at_s=1.0) for kind in kinds]
        return SimpleNamespace(ticks=ticks, events=events, ending=ending, detail=detail)


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    made = Reader()
    monkeypatch.setattr(whole_service, "poll_until_terminal", made)
    return made


def lacks(system: WatchedSystem) -> str:
    async def scenario() -> str:
        system.begin()
        return await lacking(system.real)

    return virtual_time.run(scenario)


def test_a_service_is_whole_where_each_worker_serves_the_next(reader: Reader) -> None:
    system = WatchedSystem(A, B, C)

    assert lacks(system) == ""
    assert reader.asked == [(A, B, 6.0), (B, C, 6.0), (C, A, 6.0)]
    assert sorted(str(via) for what, _, via, _ in system.asked if what == "monitor") == [*"abc"]
    for each in system.workers:
        told = [told for what, _, via, told in system.asked if (what, via) == ("submit", each)]
        assert told == [CANARY, CANCELLED]
    cancels = [(told.owner, via) for what, _, via, told in system.asked if what == "cancel"]
    assert sorted(cancels, key=str) == [(A, B), (B, C), (C, A)]
    assert system.facts == {"ours": True}


def test_one_worker_is_the_next_of_itself(reader: Reader) -> None:
    assert lacks(WatchedSystem(A)) == ""
    assert reader.asked == [(A, A, 6.0)]


def test_a_monitor_that_does_not_answer_is_told() -> None:
    """An answer that never comes says nothing, least of all that all is well."""
    system = WatchedSystem(A, B)
    system.monitors[B] = monitored(
        status=None, outcome=Outcome.UNKNOWN, detail="no answer within 6.0 s"
    )

    assert lacks(system) == "the monitor of worker b gets no answer within 6.0 s"
    system.monitors[B] = monitored(status=500, detail="oops")
    assert lacks(system) == "the monitor of worker b gets 500 oops"


@pytest.mark.parametrize("claim", [False, None, 1, "yes"])
def test_a_dispatcher_that_is_away_is_told(claim: object) -> None:
    """Cancels would not cross workers."""
    system = WatchedSystem(A)
    system.monitors[A] = monitored({"cancel_dispatcher_running": claim})

    assert lacks(system) == "the monitor of worker a says no dispatcher runs"
    assert system.instants("submit") == []


def test_a_monitor_without_the_claim_or_none_at_all_says_nothing_of_a_dispatcher() -> None:
    system = WatchedSystem(A)
    system.monitors[A] = monitored({})

    assert lacks(system) == ""
    system.roles.clear()
    system.asked.clear()
    assert lacks(system) == ""
    assert system.instants("monitor") == []


def test_a_submit_that_is_not_taken_is_told() -> None:
    system = WatchedSystem(A, B)
    system.submits[B] = SubmitReply(outcome=Outcome.FAILED, status=503, detail="no Redis")

    assert lacks(system) == "a submit to worker b gets 503 no Redis"


def test_the_second_submit_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    system = WatchedSystem(A)
    refusal = SubmitReply(outcome=Outcome.FAILED, status=429, detail="slower")
    submit = system.try_submit

    async def once(probe: Probe, *, via: Worker) -> Any:
        return await submit(probe, via=via) if probe == CANARY else (None, refusal)

    monkeypatch.setattr(system, "try_submit", once)

    assert lacks(system) == "a submit to worker a gets 429 slower"


@pytest.mark.parametrize(
    ("ticks", "ending", "told"),
    [
        ([0, 1], Ending.COMPLETED, "completed of 3"),
        ([0, 1, 2], Ending.SILENT, "never ended of 3"),
        ([], Ending.REFUSED, "refused of 3"),
    ],
)
def test_a_build_that_does_not_arrive_is_told(
    ticks: list[int], ending: Ending, told: str, reader: Reader
) -> None:
    reader.told[A] = (ticks, ending, "of 3")

    said = f"a build on worker a does not arrive on b: {told}"
    assert lacks(WatchedSystem(A, B)) == said


def test_a_cancel_that_does_nothing_is_told() -> None:
    system = WatchedSystem(A, B)
    system.cancels[B] = CancelReply(outcome=Outcome.OK, status=200, detail="not found")

    assert lacks(system) == "a cancel on worker b of a build on a gets 200 not found"


def test_a_build_that_goes_on_after_its_cancel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def never(job: Any, *, still_s: float) -> bool:
        asked.append((job.owner, still_s))
        return job.owner is not A

    monkeypatch.setattr(whole_service, "stops_in_time", never)

    said = "a build on worker a goes on after its cancel on b"
    assert lacks(WatchedSystem(A, B)) == said
    assert sorted(asked, key=str) == [(A, 0.5), (B, 0.5)]


@pytest.mark.parametrize("error", [TargetUnreachable("gone"), Inconclusive("who knows")])
def test_what_cannot_be_asked_is_told(error: Any) -> None:
    system = WatchedSystem(A, B)
    system.cancels[A] = error

    assert lacks(system) == str(error)


def test_of_several_troubles_that_of_the_first_worker_is_told() -> None:
    system = WatchedSystem(A, B, C)
    system.submits[C] = SubmitReply(outcome=Outcome.FAILED, status=500)
    system.cancels[C] = TargetUnreachable("c is gone")

    assert lacks(system) == "c is gone"


@pytest.mark.parametrize("name", ["predictions_lack", "queue_lacks"])
def test_another_service_is_whole_in_its_own_way(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = WatchedSystem(A)

    async def own(asked: Any) -> str:
        assert asked is system
        return "it does not work"

    monkeypatch.setattr(whole_service, name, own)
    if name == "predictions_lack":
        system.operations.add("predict")
    else:
        system.promises = object()

    assert lacks(system) == "it does not work"
    assert system.asked == []


def test_predictions_that_cannot_be_asked_for_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    system = WatchedSystem(A)
    system.operations.add("predict")

    async def away(_: Any) -> str:
        raise HarnessError("no flow")

    monkeypatch.setattr(whole_service, "predictions_lack", away)
    assert lacks(system) == "no flow"


def whole_after(*answers: str, within_s: float = 5.0) -> tuple[str, float]:
    told = iter(answers)
    last, system = answers[-1], WatchedSystem()

    async def answer(asked: Any) -> str:
        assert asked is system
        return next(told, last)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(whole_service, "lacking", answer)
        return virtual_time.run(lambda: become_whole(system.real, within_s=within_s))


def test_service_is_waited_for_and_what_lacked_at_last_is_told() -> None:
    missing, took_s = whole_after("no Redis", "")

    assert (missing, took_s) == ("", pytest.approx(0.02))
    assert whole_after("") == ("", 0.0)
    assert whole_after("no Redis", "no worker") == ("no worker", pytest.approx(5.0))


# -- whether a cancelled job stops ---------------------------------------------------------------


def stops(sightings: Callable[[float], list[float]], *, still_s: float = 0.5) -> tuple[bool, float]:
    """Whether a job stops whose witness sees it at these seconds, and how long that is watched.

    A cancel has half a second to take effect.
    """
    system = WatchedSystem()

    async def scenario() -> tuple[bool, float]:
        history = system.begin()

        class Job:
            system: Any

            @property
            def sightings(self) -> list[Sighting]:
                return [Sighting(0, at_s) for at_s in sightings(history.now_s())]

        job: Any = Job()
        job.system = system
        return await stops_in_time(job, still_s=still_s), history.now_s()

    return virtual_time.run(scenario)


def working_until(end_s: float) -> Callable[[float], list[float]]:
    return lambda now_s: [0.0, min(now_s, end_s)]


def test_a_job_that_is_silent_since_its_cancel_has_stopped() -> None:
    for silent in (lambda _: [], lambda _: [-3.0]):
        stopped, took_s = stops(silent)
        assert stopped
        assert 0.5 < took_s < 0.7, "a silence of several ticks"


def test_a_job_may_work_until_its_cancel_has_taken_effect() -> None:
    stopped, took_s = stops(working_until(0.4))

    assert stopped
    assert 0.9 < took_s < 1.1


def test_work_in_the_last_moment_of_the_bound_is_in_time_and_later_is_not() -> None:
    assert stops(lambda _: [0.5])[0]
    stopped, took_s = stops(lambda _: [0.51])
    assert not stopped
    assert took_s == 0.0, "what was seen need not be waited for"


def test_a_job_that_goes_on_is_not_watched_to_its_end() -> None:
    stopped, took_s = stops(working_until(60.0))

    assert not stopped
    assert 0.5 < took_s < 0.8


def test_a_longer_silence_is_waited_for_where_ticks_are_rare() -> None:
    stopped, took_s = stops(lambda _: [0.1], still_s=2.0)

    assert stopped
    assert 2.1 < took_s < 2.4


def test_work_that_goes_on_in_bounds_is_watched_no_longer_than_two_silences() -> None:
    """What is seen at last decides."""
    stopped, took_s = stops(lambda now_s: [min(now_s, 0.5)], still_s=0.5)

    assert stopped
    assert took_s == pytest.approx(1.0, abs=0.2)
