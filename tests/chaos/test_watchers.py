"""Observers of an outage: what they look at, how often, and for how long they watch work."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.chaos import watchers
from queueproof.chaos.watchers import (
    come_still,
    come_to_rest,
    ended_programs,
    has_monitor,
    watch,
    watch_member,
)
from queueproof.errors import HarnessError, TargetUnreachable
from queueproof.stack.launched_keeper import last_text_line
from queueproof.targets.http import Exchange
from queueproof.targets.protocol import Role
from queueproof.targets.worker_programs import WorkerProgram

from .. import virtual_time
from .watched_systems import A, B, WatchedSystem, monitored

GONE = TargetUnreachable("it refuses connections")
QUIET = dict.fromkeys(
    ("active_jobs", "bridge_count", "consumer_wrapper_count", "background_task_count"), 0
)


@pytest.fixture(autouse=True)
def health(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was sent to look at health; the answer is the same at any time."""
    sent: list[tuple[Any, ...]] = []

    async def exchange(vantage: Any, method: str, path: str, *, within_s: float) -> Exchange:
        sent.append((vantage.worker, method, path, within_s))
        return Exchange(status=503, text="unwell")

    monkeypatch.setattr(watchers, "exchange", exchange)
    return sent


def watched(system: WatchedSystem, for_s: float = 1.5) -> bool:
    """Whether watching ended by itself within that time."""

    async def scenario() -> bool:
        system.begin()
        return await virtual_time.for_seconds(watch(system.real, A), for_s)

    return virtual_time.run(scenario)


def test_monitor_and_health_are_looked_at_again_and_again(health: list[tuple[Any, ...]]) -> None:
    """Two seconds longer than an answer may take in an outage."""
    system = WatchedSystem()

    assert not watched(system)
    assert [asked[1:] for asked in system.asked] == [
        (0.0, A, 6.0),
        (0.7, A, 6.0),
        (1.4, A, 6.0),
    ]
    assert system.facts == {"watcher": True}
    assert health == [(A, "GET", "/health_check", 6.0)] * 3
    [told, *_] = system.history.operations
    assert (told.kind, told.worker, told.status, told.detail) == ("health", "a", 503, "unwell")
    assert told.facts == {"watcher": True}


def test_a_server_that_is_away_is_looked_at_all_the_same() -> None:
    system = WatchedSystem()
    system.monitors[A] = GONE

    assert not watched(system)
    assert system.instants("monitor") == [0.0, 0.7, 1.4]


def test_an_error_of_ours_ends_the_watch() -> None:
    system = WatchedSystem()
    system.monitors[A] = HarnessError("broken")

    with pytest.raises(HarnessError):
        watched(system)


@pytest.mark.parametrize("lacks", ["an operation", "a login"])
def test_a_monitor_that_nobody_may_read_is_not_looked_at(
    lacks: str, health: list[tuple[Any, ...]]
) -> None:
    system = WatchedSystem()
    if lacks == "an operation":
        system.operations.clear()
    else:
        system.roles.clear()
        system.roles.add(Role.USER)

    assert not has_monitor(system.real)
    assert not watched(system)
    assert system.asked == []
    assert len(health) == 3


def test_of_another_queue_health_is_known_where_the_mapping_names_it(
    health: list[tuple[Any, ...]],
) -> None:
    system = WatchedSystem()
    system.promises = object()

    assert watched(system), "nothing is known of health and monitors"
    assert (system.asked, health) == ([], [])
    system.health_path = "/alive"
    assert not watched(system)
    assert {path for _, _, path, _ in health} == {"/alive"}


@pytest.mark.parametrize("error", [None, GONE])
def test_the_health_of_a_worker_program_is_looked_at_again_and_again(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, member = WatchedSystem(), WorkerProgram(label="worker 1")

    async def worker_health(of: Any, program: Any, *, within_s: float) -> None:
        system.note("health", None, (of is system, program, within_s))
        if error:
            raise error

    async def scenario() -> bool:
        system.begin()
        return await virtual_time.for_seconds(watch_member(system.real, member), 1.0)

    monkeypatch.setattr(watchers, "worker_health", worker_health)
    assert not virtual_time.run(scenario)
    told = (True, member, 6.0)
    assert system.asked == [("health", 0.0, None, told), ("health", 0.7, None, told)]
    assert system.facts == {"watcher": True}


def test_programs_that_ended_by_themselves_are_told_with_their_last_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watchers, "alive", lambda pid: pid == 1)

    def program(label: str, pid: int | None, *, up: bool = True) -> Any:
        keeper = SimpleNamespace(current_pid=pid, last_words=f"{label} says no")
        return SimpleNamespace(label=label, expected_up=up, keeper=keeper)

    crew = [
        program("lives", 1),
        program("ended", 2),
        program("never began", None),
        program("was ended", 3, up=False),
        program("ended, too", 4),
    ]
    stack: Any = SimpleNamespace(crew=crew)

    assert ended_programs(stack) == {"ended": "ended says no", "ended, too": "ended, too says no"}


# -- gauges at rest ------------------------------------------------------------------------------


def rested(system: WatchedSystem) -> list[tuple[str | None, Any, Any]]:
    """Whose gauges were recorded, what they were, and after how long."""

    async def scenario() -> None:
        system.begin()
        await come_to_rest(system.real)

    virtual_time.run(scenario)
    told = system.history.operations
    assert all(each.kind == "rest" and each.facts["watcher"] for each in told)
    return [(each.worker, each.facts["monitor"], each.facts["after_s"]) for each in told]


def test_the_gauges_of_every_worker_are_recorded_when_they_are_at_rest() -> None:
    system = WatchedSystem(A, B)
    system.monitors = {A: monitored(QUIET), B: monitored({**QUIET, "published": 7})}

    assert rested(system) == [("a", QUIET, 0.0), ("b", {**QUIET, "published": 7}, 0.0)]


@pytest.mark.parametrize("gauge", QUIET)
def test_a_gauge_that_does_not_come_to_rest_is_recorded_at_the_end_of_patience(gauge: str) -> None:
    system, busy = WatchedSystem(), {**QUIET, gauge: 1}
    system.monitors[A] = monitored(busy)

    assert rested(system) == [("a", busy, 10.0)]
    assert system.facts == {"watcher": True}


def test_how_long_it_took_is_told_to_a_tenth_of_a_second() -> None:
    system, busy = WatchedSystem(), monitored({**QUIET, "active_jobs": 1})

    async def monitor(*, via: Any) -> Any:
        return monitored(QUIET) if system.history.now_s() > 0.3 else busy

    system.monitor = monitor

    [(_, body, after_s)] = rested(system)
    assert body == QUIET
    assert after_s == 0.4


@pytest.mark.parametrize("silence", [GONE, monitored({})])
def test_a_monitor_that_tells_nothing_is_not_at_rest(silence: Any) -> None:
    system = WatchedSystem()
    system.monitors[A] = silence

    assert rested(system) == [("a", {}, 10.0)]


def test_where_no_monitor_can_be_read_no_gauge_is_recorded() -> None:
    system = WatchedSystem()
    system.operations.clear()

    assert rested(system) == []


# -- work ----------------------------------------------------------------------------------------


def watched_for_s(*work_s: float) -> float:
    """For how long jobs are watched, of which each is seen at work for so many seconds."""
    system = WatchedSystem()

    async def scenario() -> float:
        history = system.begin()
        for number, until_s in enumerate(work_s):
            system.seen_s[str(number)] = lambda until_s=until_s: (
                [0.0, min(history.now_s(), until_s)] if until_s else []
            )
        await come_still(system.real, iter(list(system.seen_s)))
        return history.now_s()

    return virtual_time.run(scenario)


def test_work_is_watched_for_half_a_second_longer_than_it_goes_on() -> None:
    assert watched_for_s(0.4) == pytest.approx(0.9, abs=0.2)
    assert watched_for_s(0.4) > 0.9
    assert watched_for_s(0.2, 0.7, 0.1) == pytest.approx(1.2, abs=0.2)


def test_jobs_that_nobody_saw_at_work_are_watched_for_half_a_second() -> None:
    assert 0.5 < watched_for_s(0.0) < 0.7
    assert 0.5 < watched_for_s() < 0.7


def test_work_that_never_ends_is_watched_until_nothing_excuses_it() -> None:
    """Half the recovery bound, a cancel's time and the silence that is waited for."""
    assert watched_for_s(60.0) == pytest.approx(1.0 + 0.5 + 0.5)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ready\nValueError: no\n", "ValueError: no"),
        ("quitting\n\x80\x04pickled\x00\n\n", "quitting"),
        ('File "/home/x/lib/redis/client.py", line 3', 'File "client.py", line 3'),
        ("lost redis://127.0.0.1:1/0", "lost redis://127.0.0.1:1/0"),
        ("", ""),
    ],
)
def test_last_words_are_a_line_of_text_without_folders(output: str, words: str) -> None:
    assert last_text_line(output) == words
