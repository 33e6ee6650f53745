"""What a delivery tells of its reader: how long nothing came, and whether it came late."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from queueproof.history import Event, EventKind
from queueproof.probe import Probe
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.worker import ANY_WORKER

_SUBMITTED_S = 10.0
_PROBE = Probe(ticks=4, interval_s=0.5)


def _delivery(*arrived_s: float, began_s: float | None = None) -> Delivery:
    job = Job(
        id="1",
        key="1",
        probe=_PROBE,
        owner=ANY_WORKER,
        submitted_s=_SUBMITTED_S,
        system=Mock(),
    )
    events = tuple(
        Event(kind=EventKind.TICK, at_s=at_s, tick=number) for number, at_s in enumerate(arrived_s)
    )
    return Delivery(job=job, events=events, ending=Ending.SILENT, ended_s=99.0, began_s=began_s)


@pytest.mark.parametrize(
    ("arrived_s", "silence_s"),
    [((), 0.0), ((11.0,), 0.0), ((11.0, 11.25, 13.25, 13.5), 2.0)],
)
def test_the_longest_silence_is_between_two_events(
    arrived_s: tuple[float, ...], silence_s: float
) -> None:
    assert _delivery(*arrived_s).longest_silence_s == silence_s


@pytest.mark.parametrize(
    ("began_s", "late"),
    [(None, False), (_SUBMITTED_S, False), (_SUBMITTED_S + 1.9, False), (_SUBMITTED_S + 2.1, True)],
)
def test_a_reader_comes_late_when_the_job_may_be_over(began_s: float | None, late: bool) -> None:
    assert _delivery(began_s=began_s).came_late is late
