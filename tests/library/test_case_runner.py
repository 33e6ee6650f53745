"""One case: what it runs on, what it came to, and what is tidied behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, TargetUnreachable, Violation
from queueproof.history import History, current_case, current_facts
from queueproof.probe import Probe
from queueproof.requirements import Access
from queueproof.running import case_runner
from queueproof.running.case_runner import CaseRunner
from queueproof.running.collected import Binding
from queueproof.running.marks import CaseMark
from queueproof.running.strain import Strain
from queueproof.targets.system import jobs_of_case

from .. import virtual_time

SESSION: Any = object()


class Fleet:
    """Workers, and those that a search brings to light beside them."""

    identifier: object | None = object()

    def __init__(self, *workers: str, hidden: tuple[str, ...] = ()) -> None:
        self.workers = workers
        self.first_workers = (*workers, *hidden)
        self.hidden = hidden
        self.searches: list[int | None] = []

    async def discover(self, *, expected: int | None) -> None:
        self.searches.append(expected)
        self.workers += self.hidden


def target(name: str, fleet: Fleet) -> Any:
    class Target(SimpleNamespace):
        workers = property(lambda self: self.fleet.workers)

    return Target(timings=Timings(), name=name, fleet=fleet)


class Environment:
    """A target, and one copy of it for whoever is alone."""

    def __init__(self) -> None:
        self.history = History()
        self.main = target("main", Fleet("a", "b", "c"))
        self.main_lane: Any = None
        self.copy = target("copy", Fleet("a", "b", "c"))
        self.lane: Any = SimpleNamespace(boot=SimpleNamespace(logs=()))
        self.events: list[str] = []

    @asynccontextmanager
    async def exclusive(self, *, destructive: bool) -> AsyncIterator[tuple[Any, Any]]:
        self.events.append("destructive" if destructive else "harmless")
        yield self.copy, self.lane
        self.events.append("closed")


class Setting:
    """A runner whose rows are as `row` says and whose strain is `strain`."""

    def __init__(self, *, seed: int = 7, **row: Any) -> None:
        self.environment: Any = Environment()
        self.strain = Strain()
        self.since: list[float] = []
        row = {"destructive": False, "area": "polling", "access": Access.HTTP, **row}
        registry: Any = {"TEST-001": SimpleNamespace(**row)}
        meter: Any = SimpleNamespace(since=self._since)
        standstills: Any = SimpleNamespace(seen=["a standstill"])
        self.runner = CaseRunner(
            self.environment, registry, seed=seed, meter=meter, standstills=standstills
        )

    def _since(self, began: float) -> Strain:
        self.since.append(began)
        return self.strain


def case(body: Callable[..., Any] | None = None, **mark: Any) -> Any:
    async def nothing() -> None:
        """A case that passes."""

    item = SimpleNamespace(obj=body or nothing)
    return SimpleNamespace(id="case", item=item, mark=CaseMark(requirement="TEST-001", **mark))


def ground(setting: Setting, one: Any) -> Binding:
    async def scenario() -> Binding:
        async with setting.runner.ground(one) as binding:
            assert current_case.get() == "case"
            assert setting.runner.bindings == {"case": binding}
            setting.environment.events.append("used")
            return binding

    return asyncio.run(scenario())


def test_most_cases_run_on_the_target_that_all_share() -> None:
    setting = Setting()
    binding = ground(setting, case())

    assert (binding.system, binding.lane) == (setting.environment.main, None)
    assert binding.standstills == ("a standstill",)
    assert setting.environment.events == ["used"]


@pytest.mark.parametrize("destructive", [True, False])
def test_one_that_is_alone_has_a_copy_until_it_is_over(destructive: bool) -> None:
    setting = Setting(destructive=destructive)
    binding = ground(setting, case(alone=True))

    assert (binding.system, binding.lane) == (setting.environment.copy, setting.environment.lane)
    kind = "destructive" if destructive else "harmless"
    assert setting.environment.events == [kind, "used", "closed"]


def test_the_seed_and_the_cases_name_decide_its_choices() -> None:
    def drawn(seed: int, name: str) -> float:
        setting, one = Setting(seed=seed), case()
        one.id = name

        async def scenario() -> float:
            async with setting.runner.ground(one) as binding:
                return binding.choice.random()

        return asyncio.run(scenario())

    assert drawn(7, "case") == drawn(7, "case")
    assert len({drawn(7, "case"), drawn(8, "case"), drawn(7, "another")}) == 3


@pytest.mark.parametrize("whose", ["the copy's", "the run's own", "nobody's"])
def test_what_its_target_prints_meanwhile_is_kept(whose: str, tmp_path: Path) -> None:
    setting, log = Setting(), tmp_path / "log"
    log.write_text("before\n")
    boot = SimpleNamespace(boot=SimpleNamespace(logs=(("port 1", log),)))
    if whose == "the copy's":
        setting.environment.lane = boot
    elif whose == "the run's own":
        setting.environment.main_lane = boot
    binding = ground(setting, case(alone=whose == "the copy's"))
    log.write_text("before\nmeanwhile\n")

    assert binding.printed.last() == (() if whose == "nobody's" else ("meanwhile",))


# -- what a case came to -------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def fixtures(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the fixtures of a case give out."""
    given: dict[str, object] = {}

    def fill(session: Any, item: Any) -> dict[str, object]:
        assert session is SESSION
        assert item.obj
        return given

    monkeypatch.setattr(case_runner, "fill_fixtures", fill)
    return given


def came_to(setting: Setting, one: Any, jobs: list[Any] | None = None) -> Any:
    async def scenario() -> Any:
        async with setting.runner.ground(one) as binding:
            return await setting.runner.execute(SESSION, one, binding, jobs or [])

    return virtual_time.run(scenario)


def test_a_case_that_returns_has_raised_nothing(fixtures: dict[str, object]) -> None:
    fixtures["workers"] = ("a", "b")
    seen = []

    async def body(workers: object) -> None:
        seen.append(workers)

    assert came_to(Setting(), case(body)) is None
    assert seen == [("a", "b")]


@pytest.mark.parametrize(
    "error", [Inconclusive("who knows"), TargetUnreachable("gone"), KeyError()]
)
def test_what_it_raises_is_its_outcome(error: Exception) -> None:
    async def body() -> None:
        raise error

    assert came_to(Setting(), case(body)) is error


def test_one_that_is_alone_looks_for_who_stands_in_for_a_worker_that_went_away() -> None:
    setting = Setting()
    fleet = setting.environment.copy.fleet = Fleet("a", "c", hidden=("d",))

    assert came_to(setting, case(alone=True, workers=3)) is None
    assert came_to(setting, case(alone=True, workers=3)) is None
    assert fleet.searches == [3]


def test_as_many_are_looked_for_as_there_were_for_fewer_are_not_all() -> None:
    setting = Setting()
    fleet = setting.environment.copy.fleet = Fleet("a", hidden=("c", "d"))

    assert came_to(setting, case(alone=True, workers=2)) is None
    assert fleet.searches == [3]


@pytest.mark.parametrize("alone", [True, False])
def test_a_case_of_more_workers_than_are_left_is_not_played(alone: bool) -> None:
    """Beside other cases nobody is searched for: the search would meet their jobs."""
    setting = Setting()
    setting.environment.main.fleet = setting.environment.copy.fleet = fleet = Fleet("a", "c")

    async def body() -> None:
        raise AssertionError("it was played")

    told = came_to(setting, case(body, alone=alone, workers=3))

    assert isinstance(told, Inconclusive)
    assert str(told) == "needs 3 workers, of which some went away meanwhile; in view: a, c"
    assert fleet.searches == ([3] if alone else [])


def test_what_a_case_starts_itself_or_cannot_be_told_apart_is_not_counted() -> None:
    launching, unsorted = Setting(access=Access.LAUNCH), Setting()
    launching.environment.main.fleet = Fleet()
    unsorted.environment.main.fleet = fleet = Fleet()
    fleet.identifier = None

    for setting in (launching, unsorted):
        assert came_to(setting, case(workers=3)) is None


def test_a_cancelled_case_has_no_outcome() -> None:
    async def body() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        came_to(Setting(), case(body))


@pytest.mark.parametrize(("wait_s", "bound_s"), [(0.0, 90), (30.0, 150)])
def test_a_case_that_hangs_is_ended_by_its_limit(wait_s: float, bound_s: int) -> None:
    """A minute and a half, and twice what it declares to wait for."""

    async def body() -> None:
        await asyncio.sleep(3600)

    told = came_to(Setting(), case(body, wait=lambda timings: wait_s * timings.answer_s / 5.0))

    assert isinstance(told, Inconclusive)
    assert str(told) == f"the case was not over after {bound_s} s"


def test_jobs_that_a_case_submits_are_added() -> None:
    jobs: list[Any] = []

    async def body() -> None:
        submitted = jobs_of_case.get()
        assert submitted is not None
        submitted.append(job(Setting(), over=True))

    setting = Setting()

    async def scenario() -> None:
        one = case(body)
        async with setting.runner.ground(one) as binding:
            await setting.runner.execute(SESSION, one, binding, jobs)

    asyncio.run(scenario())
    assert len(jobs) == 1


def violating(seen: Violation) -> Callable[[], Any]:
    async def body() -> None:
        raise seen

    return body


def test_a_violation_is_kept_with_what_was_printed_by_what_the_case_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[Any] = []
    monkeypatch.setattr(case_runner, "record_work", recorded.append)
    log = tmp_path / "log"
    log.write_text("refused\n")
    seen, setting = Violation(expected="this", actual="that"), Setting()
    one, jobs = case(violating(seen)), [job(setting, over=True)]

    async def scenario() -> Any:
        async with setting.runner.ground(one) as binding:
            binding.launch.boots.append(SimpleNamespace(logs=(("port 2", log),)))
            return await setting.runner.execute(SESSION, one, binding, jobs)

    assert asyncio.run(scenario()) is seen
    assert seen.printed == ("refused",)
    assert recorded == [jobs]


def test_a_violation_is_excused_where_the_run_itself_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    excuse = Inconclusive("the run was away")

    def excused(seen: Any, jobs: Any, operations: Any, **how: Any) -> Inconclusive:
        asked.append((seen, jobs, operations, how))
        return excuse

    monkeypatch.setattr(case_runner, "excused", excused)
    seen, setting = Violation(expected="this", actual="that"), Setting(area="retention")
    setting.strain = Strain(lag_s=3.0)
    with setting.environment.history.operation("poll") as other:
        other.case = "another"
    with setting.environment.history.operation("poll") as own:
        own.case = "case"

    assert came_to(setting, case(violating(seen))) is excuse
    assert asked == [(seen, [], [own], {"area": "retention", "strain": setting.strain})]
    assert setting.since == [1_000.0], "since it began"


# -- what it leaves behind -----------------------------------------------------------------------


def job(setting: Setting, *, over: bool, error: Exception | None = None) -> Any:
    """A job of two seconds, submitted ten seconds after the history began."""
    submitted_s, probe = 10.0, Probe(ticks=4, interval_s=0.5)
    ends_s = submitted_s + probe.duration_s + 1.0
    now_s = ends_s if over else ends_s - 0.01

    async def cancel(cancelled: Any) -> None:
        assert cancelled is made
        setting.environment.events.append("cancelled")
        assert current_facts.get() == {"tidying": True}
        if error:
            raise error

    system = SimpleNamespace(history=SimpleNamespace(now_s=lambda: now_s), cancel=cancel)
    made = SimpleNamespace(id="job", submitted_s=submitted_s, probe=probe, system=system)
    return made


@pytest.mark.parametrize(
    "error", [None, Inconclusive("who knows"), TimeoutError(), OSError("no route")]
)
def test_jobs_that_may_still_run_are_cancelled_behind_it(error: Exception | None) -> None:
    setting = Setting()
    jobs = [
        job(setting, over=False, error=error),
        job(setting, over=True),
        job(setting, over=False),
    ]

    assert came_to(setting, case(), jobs) is None
    assert setting.environment.events == ["cancelled", "cancelled"]


def test_what_was_for_the_cases_sake_is_told_apart_from_tidying() -> None:
    setting = Setting()

    async def scenario() -> Any:
        one = case()
        async with setting.runner.ground(one) as binding:
            await setting.runner.execute(SESSION, one, binding, [job(setting, over=False)])
        return current_facts.get()

    before = current_facts.get()
    assert asyncio.run(scenario()) == before
