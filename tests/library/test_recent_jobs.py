"""What is remembered of jobs is bounded, and of the last ones."""

from __future__ import annotations

import pytest

from queueproof.history import History
from queueproof.targets import recent_jobs
from queueproof.targets.recent_jobs import RecentJobs
from queueproof.targets.witness import Sighting, Witness


def test_the_job_that_was_spoken_of_longest_ago_is_forgotten_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recent_jobs, "MOST_JOBS", 3)
    positions: RecentJobs[int] = RecentJobs()

    for number, job in enumerate(("a", "b", "c", "a", "d")):
        positions[job] = number

    assert positions == {"c": 2, "a": 3, "d": 4}
    assert positions.get("b") is None


def test_a_witness_forgets_the_jobs_that_nobody_asks_for_any_more() -> None:
    """It has heard of jobs all the same."""
    witness = Witness(History())
    for key in ("one", "other"):
        witness.saw(key, Sighting(0, 1.0))

    witness.forget_jobs(["one", "never seen"])

    assert witness.sightings("one") == []
    assert witness.sightings("other") == [Sighting(0, 1.0)]
    witness.forget_jobs(["other"])
    assert witness.hears
