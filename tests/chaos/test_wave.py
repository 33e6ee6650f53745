"""A wave accuses a worker of idleness only where it was seen who did every job."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.chaos.wave import idle_workers


def queue(*doers: str | None) -> tuple[Any, list[Any]]:
    """A queue with the workers a and b, and jobs that were done by these."""
    jobs = [SimpleNamespace(key=str(number)) for number in range(len(doers))]
    witness = SimpleNamespace(worker_of=lambda key: doers[int(key)])
    crew = (SimpleNamespace(label="worker a"), SimpleNamespace(label="worker b"))
    return SimpleNamespace(witness=witness, crew=crew), jobs


@pytest.mark.parametrize(
    ("doers", "said"),
    [
        (("worker a", "worker b", "worker a"), ""),
        (("worker a", "worker a", "worker a"), "worker b took none of 3 jobs"),
        (("worker a", None, "worker a"), ""),
        ((None, None, None), ""),
    ],
)
def test_who_took_none(doers: tuple[str | None, ...], said: str) -> None:
    """A job whose worker could not be seen may have been anybody's."""
    system, jobs = queue(*doers)

    assert idle_workers(system, jobs) == said
