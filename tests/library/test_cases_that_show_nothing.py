"""Cases whose own question was not put to the target: nothing waited, nobody left, none refused."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, Violation
from queueproof.history import Event, EventKind, Outcome
from queueproof.probe import Probe
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.protocol import MonitorReply, PollReply, Role
from queueproof.targets.raw_replies import RawReply
from queueproof.targets.worker import ANY_WORKER, Worker

ORDER: Any = import_module("suites.workers.test_order")
MANY: Any = import_module("suites.promises.test_many_jobs")
CROWDS: Any = import_module("suites.streaming.test_crowds")
CORNERS: Any = import_module("suites.access.test_corners")
PRELOAD: Any = import_module("suites.boot.test_preload_default")
SECRETS: Any = import_module("suites.boot.test_secrets")
QUEUEING: Any = import_module("suites.queueing.test_workers")
STRANGERS: Any = import_module("suites.watchdog.test_other_ends")
DISPATCHERS: Any = import_module("suites.cancel.test_robust_dispatchers")
A = Worker("a", "1")


class Line:
    """A queue with one worker, by when its jobs were submitted and when they began."""

    def __init__(self, *, each_s: float, begins: Any) -> None:
        self._each_s, self._begins, self._submitted = each_s, begins, 0
        self.slots_a_worker, self.slots, self.lasted_s = 1, 16, 0.0
        self.timings = SimpleNamespace(recovery_s=0.1, answer_s=0.1)
        self.witness = SimpleNamespace(sightings=self._sightings)

    async def try_submit(self, probe: Probe) -> tuple[Job, None]:
        self._submitted += 1
        self.lasted_s = probe.interval_s
        at_s, key, own = self._submitted * self._each_s, str(self._submitted), self
        system: Any = own
        return Job(
            id=key, key=key, probe=probe, owner=ANY_WORKER, submitted_s=at_s, system=system
        ), None

    async def lane(self, **_: Any) -> Any:
        return SimpleNamespace(system=self)

    async def submit(self, probe: Probe) -> Job:
        if probe is ORDER.BRIEF:
            self._submitted += 1
        at_s, key, own = self._submitted * self._each_s, str(self._submitted), self
        system: Any = own
        return Job(id=key, key=key, probe=probe, owner=ANY_WORKER, submitted_s=at_s, system=system)

    def _sightings(self, key: str) -> list[Any]:
        return [SimpleNamespace(at_s=self._begins(int(key)))]


def in_line(line: Line) -> None:
    asyncio.run(ORDER.test_waiting_jobs_are_begun_in_about_their_order(line))


def test_jobs_that_wait_and_begin_in_their_order_are_right() -> None:
    in_line(Line(each_s=0.01, begins=lambda number: 2.0 + number * 0.02))


def test_jobs_that_wait_and_begin_from_the_lines_end_are_wrong() -> None:
    with pytest.raises(Violation, match="was begun after 149 that came later"):
        in_line(Line(each_s=0.01, begins=lambda number: 20.0 - number * 0.02))


def test_jobs_that_begin_as_they_come_show_no_order() -> None:
    with pytest.raises(Inconclusive, match="1 jobs waited at one time at most"):
        in_line(Line(each_s=0.2, begins=lambda number: number * 0.2 + 0.1))


@pytest.mark.parametrize(
    ("begins", "raised"),
    [
        (lambda number: 2.0 + number * 0.02, None),
        (lambda number: number * 0.01 + 0.005, Inconclusive),
    ],
    ids=["most wait", "as they come"],
)
def test_hundreds_of_jobs_of_which_few_ever_waited_are_no_line(
    monkeypatch: pytest.MonkeyPatch, begins: Any, raised: type[Exception] | None
) -> None:
    monkeypatch.setattr(MANY, "_STILL_S", 0.0)
    line = Line(each_s=0.01, begins=begins)
    case = MANY.test_hundreds_of_jobs_at_once_are_each_run_once(line)

    if raised is None:
        asyncio.run(case)
        assert line.lasted_s == 0.25
        return
    with pytest.raises(raised, match="1 of 160 jobs waited at one time at most"):
        asyncio.run(case)
    assert line.lasted_s == 1.0


@pytest.mark.parametrize("came", [True, False])
def test_readers_who_left_before_anything_came_have_left_nothing(
    monkeypatch: pytest.MonkeyPatch, *, came: bool
) -> None:
    @asynccontextmanager
    async def stream(*_: Any, **__: Any) -> Any:
        yield None

    async def until_tick(*_: Any) -> None:
        if not came:
            raise Inconclusive("tick 0 did not come")

    async def submit(probe: Probe, *, via: Worker) -> Job:
        return Job(id="j", key="", probe=probe, owner=via, submitted_s=0.0, system=target)

    async def read(job: Job, **_: Any) -> Delivery:
        ticks = tuple(Event(EventKind.TICK, 0.0, tick=tick) for tick in job.probe.expected_ticks)
        return Delivery(job=job, events=ticks, ending=Ending.COMPLETED, ended_s=0.0)

    target: Any = SimpleNamespace(submit=submit, stream=stream)
    monkeypatch.setattr(CROWDS, "read_until_tick", until_tick)
    monkeypatch.setattr(CROWDS, "read_stream", read)
    case = CROWDS.test_after_two_dozen_dropped_streams_another_delivers_every_event(target, (A,))

    if came:
        asyncio.run(case)
        return
    with pytest.raises(Inconclusive, match="0 of 24 readers had anything to leave"):
        asyncio.run(case)


@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (RawReply(outcome=Outcome.OK, status=200, body="fine"), Inconclusive),
        (RawReply(outcome=Outcome.UNKNOWN), Inconclusive),
        (RawReply(outcome=Outcome.FAILED, status=404, body=CORNERS._TELLTALE[0]), Violation),
        (RawReply(outcome=Outcome.FAILED, status=404, body="no such job"), None),
    ],
    ids=["taken", "silence", "a trace", "a refusal"],
)
def test_what_was_not_refused_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, reply: RawReply, raised: type[Exception] | None
) -> None:
    async def submit(probe: Probe, *, via: Worker) -> Job:
        return Job(id="j", key="", probe=probe, owner=via, submitted_s=0.0, system=target)

    async def ask(*_: Any, **__: Any) -> RawReply:
        return reply

    target: Any = SimpleNamespace(submit=submit)
    monkeypatch.setattr(CORNERS, "ask", ask)
    monkeypatch.setattr(CORNERS, "adapter_of", lambda _: SimpleNamespace(flow_id="flow"))
    case = CORNERS.test_refusals_tell_nothing_of_what_is_behind(target, (A,))

    if raised is None:
        asyncio.run(case)
        return
    with pytest.raises(raised):
        asyncio.run(case)


def test_a_monitor_that_says_a_moment_later_that_it_listens_is_right() -> None:
    """The subscription is there, and what says so comes behind it."""
    answers = iter([False, False, True])

    async def monitors() -> dict[Worker, MonitorReply]:
        body = {"cancel_dispatcher_running": next(answers, True)}
        return {A: MonitorReply(outcome=Outcome.OK, status=200, body=body)}

    target: Any = SimpleNamespace(
        monitors=monitors, timings=SimpleNamespace(answer_s=2.0, recovery_s=1.0)
    )

    assert asyncio.run(DISPATCHERS._still_deaf(target)) == []


@pytest.mark.parametrize(
    ("output", "raised"), [("", Inconclusive), ("\n", Inconclusive), ("Launching", None)]
)
def test_a_start_that_prints_nothing_keeps_no_secret(
    output: str, raised: type[Exception] | None
) -> None:
    """What it says may go where nobody looks, as from a container."""
    boot: Any = SimpleNamespace(output=output)

    async def shared(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(boot=boot)

    async def play() -> None:
        await PRELOAD.test_without_the_setting_nothing_is_preloaded(SimpleNamespace(shared=shared))

    if raised is None:
        SECRETS.expect_unprinted(boot, "secret", "the password")
        asyncio.run(play())
        return
    with pytest.raises(raised, match="printed nothing at all"):
        SECRETS.expect_unprinted(boot, "secret", "the password")
    with pytest.raises(raised, match="printed nothing at all"):
        asyncio.run(play())


@pytest.mark.parametrize(
    ("begun_s", "raised"),
    [
        ((10.0, 11.0, 12.0), None),
        ((12.0, 11.0, 10.0), Violation),
        ((2.0, 11.0, 12.0), Inconclusive),
    ],
    ids=["first come first served", "last first", "the first had not waited"],
)
def test_jobs_that_did_not_all_wait_show_no_order(
    begun_s: tuple[float, ...], raised: type[Exception] | None
) -> None:
    keys = iter(("front", "0", "1", "2"))

    async def submit(probe: Probe) -> Job:
        key = next(keys)
        return Job(id=key, key=key, probe=probe, owner=ANY_WORKER, submitted_s=0.0, system=target)

    async def hash_with(*_: Any, **__: Any) -> tuple[str, set[str]]:
        return "bull:queue:1", set()

    def sightings(key: str) -> list[Any]:
        return [SimpleNamespace(at_s=1.0 if key == "front" else begun_s[int(key)])]

    target: Any = SimpleNamespace(
        submit=submit,
        redis=SimpleNamespace(hash_with=hash_with),
        witness=SimpleNamespace(sightings=sightings),
        history=SimpleNamespace(now_s=lambda: 5.0),
        timings=SimpleNamespace(answer_s=0.1),
    )

    async def system(*_: Any, **__: Any) -> Any:
        return target

    case = QUEUEING.test_jobs_that_wait_are_begun_in_the_order_in_which_they_came(
        SimpleNamespace(system=system)
    )

    if raised is None:
        asyncio.run(case)
        return
    with pytest.raises(raised):
        asyncio.run(case)


@pytest.mark.parametrize("status", [403, None], ids=["refused", "unheard"])
def test_a_stranger_who_was_never_refused_kept_nothing_alive(
    monkeypatch: pytest.MonkeyPatch, status: int | None
) -> None:
    """It is not known whether his polls came to the target at all."""

    async def poll(*_: Any, role: Role = Role.USER, **__: Any) -> PollReply:
        mine = role is Role.USER
        return PollReply(outcome=Outcome.UNKNOWN, status=200 if mine else status)

    async def submit(probe: Probe) -> Job:
        return Job(id="j", key="", probe=probe, owner=A, submitted_s=0.0, system=target)

    async def reclaimed(*_: Any, **__: Any) -> bool:
        await asyncio.sleep(0.05)
        return True

    async def begun(_: Job) -> None:
        """At once."""

    timings = Timings(stale_threshold_s=0.01, watchdog_interval_s=0.01)
    target: Any = SimpleNamespace(
        submit=submit,
        poll=poll,
        timings=timings,
        workers=(A,),
        patience_s=0.1,
        others=lambda _: [A],
    )
    target.history = SimpleNamespace(now_s=lambda: 0.0)
    for name in ("work_stopped", "stops"):
        monkeypatch.setattr(STRANGERS, name, reclaimed, raising=False)
    monkeypatch.setattr(STRANGERS, "work_begun", begun)
    case = STRANGERS.test_what_strangers_are_refused_is_no_sign_of_life(target)

    if status is not None:
        asyncio.run(case)
        return
    with pytest.raises(Inconclusive, match="0 polls of another user were refused"):
        asyncio.run(case)
