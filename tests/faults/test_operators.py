"""What operators do to replicas: a rolling restart, a crash loop, a scale-down."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from queueproof.config.model import TargetConfig
from queueproof.errors import HarnessError, Inconclusive
from queueproof.executors.workforce import Workforce
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.catalogue import make_fault
from queueproof.faults.scale_down import ScaledWorkload
from queueproof.faults.shared.ended_replica import EndedReplica
from queueproof.processes.signalling import Victim
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.journal import Journal
from queueproof.stack.redis_proxy.proxy import RedisProxies
from queueproof.stack.replica import Replica

from .conftest import Nobody


class Told(Nobody):
    """A keeper that does as it is told, and writes it down; `deaf` to what would end it."""

    def __init__(self, name: str, told: list[str], *, deaf: bool = False) -> None:
        super().__init__()
        self.up = True
        self._name = name
        self._deaf = deaf
        self._list = told

    def ends_by_command(self, *, graceful: bool) -> bool:  # noqa: ARG002  (the protocol's)
        return True

    async def runs(self) -> bool:
        return self.up

    async def start(self) -> None:
        self._list.append(f"start {self._name}")
        self.up = True

    async def stop(self) -> None:
        self._list.append(f"stop {self._name}")
        self.up = self._deaf

    async def kill(self) -> None:
        self._list.append(f"kill {self._name}")
        self.up = self._deaf


def stack_of(keepers: Sequence[Told], folder: Path) -> ChaosStack:
    replicas = [
        Replica(index, "", keeper=keeper, proxy=None, ready_path="")
        for index, keeper in enumerate(keepers)
    ]
    journal = Journal(folder)
    return ChaosStack(
        TargetConfig(),
        replicas,
        journal=journal,
        api=None,
        redis=None,
        redis_proxies=RedisProxies(),
    )


async def whole(fault: Fault) -> str:
    await fault.apply()
    try:
        return await fault.confirm()
    finally:
        await fault.heal()


def test_in_a_rolling_restart_each_comes_back_before_the_next_one_goes(tmp_path: Path) -> None:
    told: list[str] = []
    stack = stack_of([Told("a", told), Told("b", told)], tmp_path)

    said = asyncio.run(whole(make_fault({"fault": "rolling_restart"}, stack)))

    assert told == ["stop a", "start a", "stop b", "start b"]
    assert said == (
        "one after another: replica 0 takes no new connection; replica 1 takes no new connection"
    )


def test_a_crash_loop_kills_what_has_come_back(tmp_path: Path) -> None:
    told: list[str] = []
    stack = stack_of([Told("a", told), Told("b", told)], tmp_path)
    spec = {"fault": "crash_loop", "times": 3, "serves_s": 0.01, "replicas": [1]}

    assert asyncio.run(whole(make_fault(spec, stack))) == "replica 1 ended 3 times"
    assert told == ["kill b", "start b"] * 3


def test_a_scale_down_stops_all_at_once_and_scales_up_again(tmp_path: Path) -> None:
    told: list[str] = []
    keepers = [Told(name, told) for name in "abc"]
    stack = stack_of(keepers, tmp_path)
    fault = make_fault({"fault": "scale_down", "replicas": [1, 2]}, stack)

    async def scenario() -> list[bool]:
        await fault.apply()
        await fault.confirm()
        during = [keeper.up for keeper in keepers]
        await fault.heal()
        return during

    assert asyncio.run(scenario()) == [True, False, False]
    assert sorted(told) == ["start b", "start c", "stop b", "stop c"]
    assert all(keeper.up for keeper in keepers)


def test_all_that_are_named_are_killed_together(tmp_path: Path) -> None:
    told: list[str] = []
    keepers = [Told(name, told) for name in "abcd"]
    stack = stack_of(keepers, tmp_path)
    spec = {"fault": "kill", "process": "replica", "replicas": [1, 2, 3]}

    asyncio.run(whole(make_fault(spec, stack)))

    assert told == ["kill b", "kill c", "kill d", "start b", "start c", "start d"]


class Cluster:
    """A workforce and its executor in one, that keeps as many as it is told; all `keepers` go."""

    def __init__(self, keepers: Sequence[Told]) -> None:
        self.executor = self
        self.numbers: list[int] = []
        self._keepers = keepers

    async def ready(self) -> int:
        return sum(keeper.up for keeper in self._keepers)

    async def scale(self, number: int) -> None:
        self.numbers.append(number)
        for at, keeper in enumerate(self._keepers):
            keeper.up = at < number


@pytest.mark.parametrize(("labels", "goes"), [("bc", True), (("", ""), False)])
def test_a_cluster_scales_workers_down_to_none_and_never_what_serves(
    labels: Sequence[str], goes: bool
) -> None:
    """The front of workers is no part of their workload, and stays."""
    keepers = [Told(name, []) for name in "bc"]
    replicas = [
        Replica(index, "", keeper=keeper, proxy=None, ready_path="", label=label)
        for index, (keeper, label) in enumerate(zip(keepers, labels, strict=True))
    ]
    cluster = Cluster(keepers)
    fault = ScaledWorkload(cast("Workforce", cluster), replicas)

    async def scenario() -> None:
        await fault.apply()
        assert await fault.confirm() == "b, c went"
        await fault.heal()

    if not goes:
        with pytest.raises(Unconfirmed, match="only 2 are ready, too few would be left"):
            asyncio.run(scenario())
        assert cluster.numbers == []
    else:
        asyncio.run(scenario())
        assert cluster.numbers == [0, 2]


@pytest.mark.parametrize("name", ["crash_loop", "rolling_restart"])
def test_what_does_not_end_is_no_proof(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that says that it did, and did not."""
    monkeypatch.setattr("queueproof.faults.shared.ended_replica._ENDED_WITHIN_S", 0.1)
    monkeypatch.setattr("queueproof.faults.shared.ended_replica._STOPS_WITHIN_S", 0.1)
    monkeypatch.setattr("queueproof.faults.shared.ended_replica._DRAINED_WITHIN_S", 0.1)
    stack = stack_of([Told("a", [], deaf=True)], tmp_path)

    with pytest.raises((Unconfirmed, HarnessError), match=r"serves on|does not end"):
        asyncio.run(whole(make_fault({"fault": name}, stack)))


class DeafProgram:
    """A replica whose program takes no notice of SIGTERM; as much of it as ending one asks for."""

    name, label, expected_up = "worker a", "", True

    def __init__(self) -> None:
        self.keeper = self
        self.started: list[subprocess.Popen[str]] = []
        self._start()

    def must_be_startable(self) -> None:
        """It is."""

    def ends_by_command(self, **_: bool) -> bool:
        return False

    async def victim(self) -> Victim:
        return Victim.started(self.started[-1].pid)

    async def kill(self) -> None:
        self.started[-1].kill()
        self.started[-1].wait()

    async def start(self) -> None:
        self._start()

    async def serving(self) -> bool:
        return True

    async def gone(self) -> bool:
        return False

    def _start(self) -> None:
        code = (
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            "print('up', flush=True); time.sleep(60)"
        )
        command = [sys.executable, "-c", code]
        self.started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert self.started[-1].stdout is not None
        self.started[-1].stdout.readline()


def test_a_program_that_does_not_stop_when_asked_is_killed_and_nothing_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is no error of ours; another one serves afterwards."""
    monkeypatch.setattr("queueproof.faults.shared.ended_replica._DRAINED_WITHIN_S", 0.2)
    program = DeafProgram()
    fault = EndedReplica(cast("Replica", program), graceful=True)

    async def scenario() -> None:
        await fault.apply()
        await fault.heal()

    try:
        with pytest.raises(Inconclusive, match="did not end within"):
            asyncio.run(scenario())
        first, second = program.started
        assert first.poll() is not None
        assert second.poll() is None
    finally:
        for one in program.started:
            one.kill()
            one.wait()
            assert one.stdout is not None
            one.stdout.close()
