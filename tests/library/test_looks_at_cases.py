"""One look at a case: whose target it is, what pytest is told, and the pulse beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import (
    HarnessError,
    Inconclusive,
    NotAssessed,
)
from queueproof.requirements import Access
from queueproof.running.strain import Strain
from queueproof.targets.worker import Worker

from .case_rounds import SEEN, Setting, case


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
