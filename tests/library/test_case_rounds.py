"""The rounds of a run: in which order cases are looked at, beside whom, and how often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import RunConfig, TargetConfig, Timings
from queueproof.errors import (
    HarnessError,
    Inconclusive,
    NotAssessed,
    TargetUnreachable,
    Violation,
)
from queueproof.history import History
from queueproof.requirements import Access
from queueproof.running import case_rounds
from queueproof.running.capabilities import Capabilities
from queueproof.running.case_rounds import CaseRounds
from queueproof.running.marks import CaseMark
from queueproof.running.result_collector import ResultCollector
from queueproof.running.run_end import RunEnd
from queueproof.running.standstill import MetStandstill
from queueproof.running.strain import Strain
from queueproof.targets.worker import Worker

from .. import virtual_time

SEEN = Violation(expected="this", actual="that")
STARVED = Strain(lag_s=0.9)
BARRED = MetStandstill("worker a begins no more jobs")


def case(name: str, **mark: Any) -> Any:
    return SimpleNamespace(
        id=name, title=name, mark=CaseMark(requirement=f"TEST-{name.upper()}", **mark)
    )


class Runner:
    """Each look takes a second and comes to what `outcomes` has next for the case."""

    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.outcomes: dict[str, list[BaseException | None]] = {}
        self.took_s: dict[str, float] = {}
        self.at_work: set[str] = set()
        self.most_at_work = 0
        self.ground_fails: dict[str, Exception] = {}

    @asynccontextmanager
    async def ground(self, one: Any) -> AsyncIterator[Any]:
        if one.id in self.ground_fails:
            raise self.ground_fails[one.id]
        yield "ground"
        self.told.append(f"left {one.id}")

    async def execute(self, session: Any, one: Any, ground: Any, jobs: list[Any]) -> Any:
        assert session is self.session
        assert ground == "ground"
        assert jobs == []
        self.told.append(one.id)
        self.at_work.add(one.id)
        self.most_at_work = max(self.most_at_work, len(self.at_work))
        try:
            await asyncio.sleep(self.took_s.get(one.id, 1.0))
        finally:
            self.at_work.discard(one.id)
        outcomes = self.outcomes.get(one.id, [])
        jobs.append(f"job of {one.id}")
        return outcomes.pop(0) if outcomes else None


class Barred:
    """Which cases are barred, by name; after a launch anew none is."""

    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.waiting: list[Any] = []
        self.names: set[str] = set()
        self.goes_again = False
        self.attributed: list[Any] = []

    async def bar(self, one: Any) -> bool:
        if one.id in self.names:
            self.waiting.append((one, BARRED))
        return one.id in self.names

    def release(self) -> list[Any]:
        released, self.waiting = self.waiting, []
        return released

    async def attribute(self, one: Any, error: Any, jobs: Sequence[Any]) -> Any:
        self.attributed.append((one.id, list(jobs)))
        return error

    async def set_going_again(self) -> bool:
        self.told.append("set going")
        if self.goes_again:
            self.names.clear()
        return self.goes_again


class Progress:
    """What a run tells while it runs, in one list with what its cases do."""

    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.plans: list[tuple[str, str, float]] = []

    def phase(self, text: str) -> None:
        self.told.append(f"# {text}")

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:
        self.plans.append((case_id, requirement, wait_s))

    def started(self, case_id: str) -> None:
        self.told.append(f"started {case_id}")

    def postponed(self, case_id: str) -> None:
        self.told.append(f"postponed {case_id}")

    def finished(self, result: Any) -> None:
        self.told.append(f"{result.id}: {result.verdict.words}")


class Setting:
    """Rounds on a target without workers, whose parts note what is done."""

    def __init__(self, *, stop_at_first: bool = False, lanes: int = 0, at_once: int = 6) -> None:
        self.told: list[str] = []
        self.strain = Strain()
        self.asked_since: list[float] = []
        self.rows: dict[str, Any] = {}
        self.stopped: list[str] = []
        self.session: Any = SimpleNamespace(testsfailed=0, testscollected=0)
        config = RunConfig(
            target=TargetConfig(cases_at_once=at_once),
            embedded=True,
            stop_at_first=stop_at_first,
        )
        fleet = SimpleNamespace(gone_since=self._nothing_gone, in_front="nginx")
        self.main: Any = SimpleNamespace(timings=Timings(), workers=(), fleet=fleet)
        environment: Any = SimpleNamespace(main=self.main, lane_count=lanes, main_lane=None)
        meter: Any = SimpleNamespace(since=self._strain_since)
        self.runner: Any = Runner(self.told)
        self.runner.session = self.session
        self.barred: Any = Barred(self.told)
        self.progress: Any = Progress(self.told)
        self.end = RunEnd()
        self.collector = ResultCollector(config, History())
        registry: Any = self
        self.rounds = CaseRounds(
            session=self.session,
            config=config,
            environment=environment,
            registry=registry,
            able=Capabilities(),
            progress=self.progress,
            meter=meter,
            runner=self.runner,
            barred=self.barred,
            collector=self.collector,
            end=self.end,
            stop=self.stopped.append,
        )

    def __getitem__(self, name: str) -> Any:
        row = {"access": Access.HTTP, "destructive": False}
        return SimpleNamespace(id=name, **{**row, **self.rows.get(name, {})})

    async def _nothing_gone(self, when: float) -> str:
        self.asked_since.append(when - 1_000.0)
        return ""

    def _strain_since(self, began: float) -> Strain:
        self.asked_since.append(began - 1_000.0)
        return self.strain

    def play(self, *cases: Any) -> list[str]:
        virtual_time.run(lambda: self.rounds.play(cases))
        return self.told

    @property
    def verdicts(self) -> dict[str, str]:
        return {each.id: each.verdict.words for each in self.collector.results}


@pytest.fixture(autouse=True)
def not_askable(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Why a case cannot be asked, by its name."""
    reasons: dict[str, Any] = {}

    def why_not(row: Any, mark: Any, *, config: Any, system: Any, able: Any) -> Any:
        assert row.id == mark.requirement
        assert config.embedded
        assert system.timings == Timings()
        assert able == Capabilities()
        return reasons.get(mark.requirement)

    monkeypatch.setattr(case_rounds, "why_not_to_ask", why_not)
    return reasons


def test_what_is_told_of_a_run_of_nothing() -> None:
    assert Setting().play() == ["# running cases side by side", "set going"]


def test_cases_come_in_their_rounds() -> None:
    """Looks at counters first, then side by side, those that must be alone, what closes the run."""
    setting = Setting()
    setting.rows["TEST-ADMIN"] = {"access": Access.ADMIN}
    cases = [
        case("closing", closing=True),
        case("alone", alone=True),
        case("one"),
        case("admin", alone=True),
    ]

    assert setting.play(*cases) == [
        "# looking at the target before it is busy",
        *("started admin", "admin", "left admin", "admin: passed"),
        "# running cases side by side",
        *("started one", "one", "left one", "one: passed"),
        "# running cases that need the target alone",
        *("started alone", "alone", "left alone", "alone: passed"),
        "set going",
        "# looking at what all of it has left behind",
        *("started closing", "closing", "left closing", "closing: passed"),
    ]
    assert setting.session.testscollected == 1
    assert setting.session.testsfailed == 0


def test_where_there_are_copies_what_must_be_alone_comes_side_by_side() -> None:
    told = Setting(lanes=1).play(case("alone", alone=True))

    assert told[0] == "# running cases side by side"
    assert "# running cases that need the target alone" not in told


def test_what_cannot_be_asked_has_its_result_at_once_and_the_rest_is_planned(
    not_askable: dict[str, Any],
) -> None:
    setting = Setting()
    not_askable["TEST-ONE"] = NotAssessed("no access")
    setting.play(case("one"), case("two", wait=lambda timings: 2 * timings.answer_s))

    assert setting.told[0] == "one: not assessed"
    assert setting.collector.results[0].duration_s == 0.0
    assert setting.verdicts == {"one": "not assessed", "two": "passed"}
    assert setting.progress.plans == [("two", "TEST-TWO", 10.0)]


def test_side_by_side_no_more_run_at_once_than_the_target_bears() -> None:
    for at_once in (2, 3):
        setting = Setting(at_once=at_once)
        setting.play(*(case(name) for name in "abcde"))
        assert setting.runner.most_at_work == at_once


# -- looks ---------------------------------------------------------------------------------------


def looks(setting: Setting, name: str) -> int:
    return setting.told.count(name)


def test_what_was_seen_under_strain_is_looked_at_again_alone() -> None:
    setting = Setting()
    setting.strain = STARVED
    setting.runner.outcomes["one"] = [SEEN, SEEN]

    told = setting.play(case("one"))

    at = told.index("# looking again at what was seen under strain")
    assert told[at - 2 :] == [
        "postponed one",
        "set going",
        "# looking again at what was seen under strain",
        *("started one", "one", "left one", "one: failed"),
    ]


def test_what_only_company_shows_is_looked_at_a_third_time_beside_those_of_the_first() -> None:
    setting = Setting()
    setting.strain = STARVED
    setting.runner.outcomes["one"] = [SEEN, None, SEEN]

    told = setting.play(case("one"), case("two"))

    at = told.index("# looking once more, in company")
    assert sorted(told[at + 1 :]) == sorted(
        ["two", "started one", "one", "left one", "one: failed"]
    )
    assert looks(setting, "started two") == 1, "it is company, and has had its verdict"
    assert setting.verdicts == {"one": "failed", "two": "passed"}


def test_company_ends_with_the_look_that_it_was_for() -> None:
    setting = Setting()
    setting.strain = STARVED
    setting.runner.outcomes["one"] = [SEEN, None, SEEN]
    setting.runner.took_s["two"] = 50.0

    setting.play(case("one"), case("two"))

    assert looks(setting, "two") == 2
    assert looks(setting, "left two") == 1
    assert setting.runner.at_work == set()


def test_third_looks_are_bounded_together_and_what_is_left_keeps_its_doubt() -> None:
    setting = Setting()
    setting.strain = STARVED
    for name in ("one", "two", "three"):
        setting.runner.outcomes[name] = [SEEN, None, SEEN]
        setting.runner.took_s[name] = 30.0

    setting.play(case("one"), case("two"), case("three"))

    assert sorted(setting.verdicts.values()) == ["failed", "failed"], "after a minute no more"
    assert len(setting.collector.doubted([case(name) for name in ("one", "two", "three")])) == 1


def test_what_all_has_left_behind_is_looked_at_again_too() -> None:
    setting = Setting()
    setting.strain = STARVED
    setting.runner.outcomes["closing"] = [SEEN, SEEN]

    told = setting.play(case("closing", closing=True))

    assert told[-5:] == [
        "# looking again at what was left behind",
        *("started closing", "closing", "left closing", "closing: failed"),
    ]


def test_what_a_look_came_to_is_set_against_standstills_and_what_stands_in_front() -> None:
    setting = Setting()
    setting.runner.outcomes["one"] = [Violation(expected="this", actual="that")]
    setting.play(case("one"))

    [result] = setting.collector.results
    assert result.actual.startswith("that (seen through nginx:")
    assert result.duration_s == 1.0
    assert setting.asked_since == [0.0, 0.0], "what was gone, and how strained it was"
    assert setting.barred.attributed == [("one", ["job of one"])]


def test_a_case_whose_ground_fails_has_that_as_its_outcome() -> None:
    setting = Setting()
    setting.runner.ground_fails["one"] = Inconclusive("no copy could be launched")
    setting.play(case("one"), case("two"))

    assert setting.verdicts == {"one": "inconclusive", "two": "passed"}
    assert [each.duration_s for each in setting.collector.results] == [0.0, 1.0]


def test_of_a_target_that_is_ours_a_violation_is_the_targets() -> None:
    """Nothing went away by itself, and nothing stands in front."""
    setting = Setting()
    setting.rounds.environment.main_lane = object()
    setting.runner.outcomes["one"] = [Violation(expected="this", actual="that")]
    setting.play(case("one"))

    assert setting.collector.results[0].actual == "that"


def test_a_target_that_is_gone_ends_the_run() -> None:
    async def healthy() -> bool:
        return False

    setting = Setting()
    setting.main.healthy = healthy
    gone = TargetUnreachable("it refuses connections")
    setting.runner.outcomes["one"] = [gone]
    setting.play(case("one", alone=True), case("two", closing=True))

    assert setting.end.error is gone
    assert setting.verdicts == {"one": "not assessed"}


def test_when_the_end_is_reached_no_further_case_is_looked_at() -> None:
    for reach in (
        lambda end: end.fail(HarnessError("broken")),
        lambda end: end.interrupt("interrupted by SIGINT"),
    ):
        setting = Setting()
        reach(setting.end)
        assert setting.play(case("one")) == ["# running cases side by side", "set going"]
        assert setting.verdicts == {}


# -- standstills ---------------------------------------------------------------------------------


def test_cases_that_a_standstill_bars_are_played_when_the_target_goes_again() -> None:
    setting = Setting()
    setting.barred.names = {"one"}
    setting.barred.goes_again = True

    told = setting.play(case("one"), case("two"))

    assert told.index("two: passed") < told.index("set going") < told.index("one: passed")


def test_barred_for_ever_they_are_looked_at_once_more_and_then_come_to_no_verdict() -> None:
    setting = Setting()
    setting.barred.names = {"one"}

    told = setting.play(case("one"))

    assert looks(setting, "one") == 0
    assert told == [
        "# running cases side by side",
        *("set going", "postponed one", "set going"),
        "# looking again at what was seen under strain",
        "one: inconclusive",
    ]
    assert setting.collector.results[0].duration_s == 0.0


# -- whose target it is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "ours"),
    [
        (lambda _: None, False),
        (lambda s: setattr(s.rounds.environment, "main_lane", object()), True),
        (lambda s: setattr(s.rounds, "config", replace(s.rounds.config, lab="langflow")), True),
        (lambda s: s.rows.update({"TEST-ONE": {"destructive": True}}), True),
        (lambda s: s.rows.update({"TEST-ONE": {"access": Access.LAUNCH}}), True),
        (lambda s: s.rows.update({"TEST-ONE": {"access": Access.PROCESS}}), False),
    ],
)
def test_in_a_deployment_of_others_workers_come_and_go(
    change: Callable[[Setting], None], ours: bool
) -> None:
    setting = Setting()
    change(setting)

    assert setting.rounds._is_ours(case("one")) is ours


def test_a_case_that_launches_its_own_says_so_itself() -> None:
    setting = Setting()
    setting.rows["TEST-ONE"] = {"access": Access.LAUNCH}

    assert setting.rounds._is_ours(case("one"))
    assert not setting.rounds._is_ours(case("one", access=Access.HTTP))
    assert setting.rounds._is_ours(case("two", access=Access.LAUNCH))


# -- results -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "failed"),
    [(None, 0), (Inconclusive("?"), 0), (NotAssessed("?"), 0), (SEEN, 1), (HarnessError("!"), 1)],
)
def test_failures_and_errors_of_ours_are_counted_for_pytest(error: Any, failed: int) -> None:
    setting = Setting()
    setting.session.testsfailed, setting.session.testscollected = 2, 5
    setting.rounds.finish(case("one"), error, 1.0, Strain())

    assert (setting.session.testsfailed, setting.session.testscollected) == (2 + failed, 5)
    assert setting.stopped == []


def test_the_first_failure_stops_a_run_that_wants_it_once() -> None:
    setting = Setting(stop_at_first=True)
    setting.rounds.finish(case("one"), SEEN, 1.0, Strain())
    assert len(setting.stopped) == 1

    setting.end.interrupt(setting.stopped[0])
    setting.rounds.finish(case("two"), SEEN, 1.0, Strain())
    assert len(setting.stopped) == 1


# -- the target's pulse --------------------------------------------------------------------------


def test_every_worker_s_pulse_is_felt_while_cases_run_side_by_side() -> None:
    setting, felt = Setting(), []
    workers = (Worker("a", "x"), Worker("b", "y"), Worker("c", "z"))
    setting.main.workers = workers
    fleet = setting.main.fleet
    fleet.upkeep = SimpleNamespace(pulse_every_s=0.25)

    @asynccontextmanager
    async def vantage(worker: Worker) -> AsyncIterator[Worker]:
        if worker.label == "b":
            raise Inconclusive("worker b went away")
        yield worker

    async def ping(worker: Worker) -> str:
        return f"pong of {worker}"

    async def feel(ping: Any, *, every_s: float) -> None:
        felt.append((await ping(), every_s))
        try:
            await asyncio.sleep(3600)
        finally:
            felt.append(("over", time.monotonic() - 1_000.0))

    fleet.vantage, fleet.ping = vantage, ping
    setting.rounds.meter.feel = feel
    setting.play(case("one"))

    assert felt == [
        ("pong of a", 0.25),
        ("pong of c", 0.25),
        ("over", pytest.approx(1.0)),
        ("over", pytest.approx(1.0)),
    ]
