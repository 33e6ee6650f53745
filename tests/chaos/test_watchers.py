"""Those who look on: what they take for whole service, and for how long they watch work."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.chaos.watchers import come_still
from queueproof.chaos.whole_service import lacking
from queueproof.config.model import Timings
from queueproof.history import History, Outcome
from queueproof.stack.launched_keeper import last_text_line
from queueproof.targets.protocol import MonitorReply
from queueproof.targets.system import System
from queueproof.targets.witness import Sighting
from queueproof.targets.worker import Worker

TIMINGS = Timings(recovery_s=2.0, cancel_effect_s=0.5)


class FakeSystem:
    """Has a history, a witness that reads from a table, and a monitor with one answer."""

    def __init__(self, *, at_work_s: float = 0.0, monitor: MonitorReply | None = None) -> None:
        self.history = History()
        self.timings = TIMINGS
        self.promises = None
        self.workers = (Worker("a", "http://a"),)
        self.adapter = SimpleNamespace(has=lambda _role: True, operations={"monitor"})
        self.witness = self
        self._until_s = self.history.now_s() + at_work_s
        self._monitor = monitor

    def sightings(self, _key: str) -> list[Sighting]:
        """The job is at work until its time is over."""
        return [Sighting(0, min(self.history.now_s(), self._until_s))]

    async def monitor(self, **_how: Any) -> MonitorReply:
        """The same at any time."""
        assert self._monitor is not None
        return self._monitor

    async def try_submit(self, *_what: Any, **_how: Any) -> Any:
        """Nobody gets here whose monitor does not answer."""
        raise AssertionError


def watched_for_s(system: FakeSystem) -> float:
    """For how long work is watched."""
    began = system.history.now_s()
    asyncio.run(come_still(cast(System, system), ["key"]))
    return system.history.now_s() - began


def test_work_is_watched_until_it_is_still() -> None:
    """A moment longer than it goes on."""
    took_s = watched_for_s(FakeSystem(at_work_s=0.4))

    assert 0.4 < took_s < 1.5


def test_work_that_never_ends_is_watched_until_nothing_excuses_it() -> None:
    """Past half the recovery bound, and no longer than it takes."""
    took_s = watched_for_s(FakeSystem(at_work_s=60.0))

    assert TIMINGS.recovery_s / 2 + TIMINGS.cancel_effect_s < took_s < 4.0


def test_a_service_whose_monitor_does_not_answer_is_not_whole() -> None:
    """An answer that never comes says nothing, least of all that all is well."""
    silent = MonitorReply(outcome=Outcome.UNKNOWN, detail="no answer within 6.0 s")

    missing = asyncio.run(lacking(cast(System, FakeSystem(monitor=silent))))

    assert missing == "the monitor of worker a gets no answer within 6.0 s"


def test_a_service_whose_dispatcher_is_away_is_not_whole() -> None:
    """Cancels would not cross workers."""
    body = {"cancel_dispatcher_running": False}
    reply = MonitorReply(outcome=Outcome.OK, status=200, body=body)

    missing = asyncio.run(lacking(cast(System, FakeSystem(monitor=reply))))

    assert missing == "the monitor of worker a says no dispatcher runs"


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
