"""By when work must have stopped: the bound of a cancel, of the watchdog, or a case's own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers import stopping_work
from queueproof.case_helpers.stopping_work import still_working, stops, stops_while_read
from queueproof.config.model import Timings

NOW_S = 100.0
TIMINGS = Timings(
    cancel_effect_s=2.0, answer_s=3.0, stale_threshold_s=20.0, watchdog_interval_s=10.0
)
SYSTEM = SimpleNamespace(
    timings=TIMINGS, history=SimpleNamespace(now_s=lambda: NOW_S), workers=("a", "b", "c")
)


def job(*, stops_at_s: float = 0.0) -> Any:
    return SimpleNamespace(system=SYSTEM, owner="a", stops_at_s=stops_at_s)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked of the witness, and on which worker a client kept the job alive."""
    told: list[Any] = []

    async def work_stopped(job: Any, *, by_s: float, unread: bool = False) -> bool:
        told.append((by_s, unread))
        return bool(job.stops_at_s <= by_s)

    @asynccontextmanager
    async def kept_alive(job: Any, *, via: Any) -> Any:
        told.append(via)
        yield

    monkeypatch.setattr(stopping_work, "work_stopped", work_stopped)
    monkeypatch.setattr(stopping_work, "kept_alive", kept_alive)
    return told


@pytest.mark.parametrize(
    ("given", "by_s"),
    [
        ({}, NOW_S + 5.0),
        ({"unread": True}, NOW_S + 32.0),
        ({"within_s": 1.0}, NOW_S + 1.0),
        ({"within_s": 0.0, "unread": True}, NOW_S),
        ({"since_s": 50.0}, 55.0),
        ({"since_s": 0.0, "within_s": 1.0}, 1.0),
    ],
)
def test_a_bound_is_the_contracts_from_now_or_what_the_case_says(
    given: dict[str, Any], by_s: float, asked: list[Any]
) -> None:
    assert asyncio.run(stops(job(), **given))
    assert asked == [(by_s, given.get("unread", False))]


def test_a_job_that_is_read_is_read_where_nobody_is_involved(asked: list[Any]) -> None:
    assert asyncio.run(stops_while_read(job(), asked="b", since_s=10.0))  # type: ignore[arg-type]
    assert asked == ["c", (15.0, False)]


def test_of_several_jobs_those_are_told_that_go_on(asked: list[Any]) -> None:
    quick, slow = job(), job(stops_at_s=NOW_S + 6.0)

    assert asyncio.run(still_working([quick, slow, quick])) == [slow]
    assert asyncio.run(still_working([quick, slow], within_s=6.0)) == []
    assert asyncio.run(still_working([slow], unread=True)) == []
