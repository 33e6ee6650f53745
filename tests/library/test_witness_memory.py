"""A witness remembers what may be asked about, and no more."""

from __future__ import annotations

import pytest

from queueproof.history import History
from queueproof.targets import witness as module
from queueproof.targets.witness import Sighting, Witness


def test_asking_about_a_job_that_was_never_seen_leaves_nothing_behind() -> None:
    witness = Witness(History())

    assert witness.sightings("unknown") == []
    assert not witness.hears


def test_jobs_of_long_ago_are_forgotten_where_there_are_very_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_JOBS", 10)
    witness = Witness(History())
    for number in range(10):
        witness.saw(f"job {number}", Sighting(0, 0.0 if number < 5 else 5000.0))

    witness.saw("job 10", Sighting(0, 5000.0))

    assert [bool(witness.sightings(f"job {number}")) for number in (0, 4, 5, 10)] == [
        False,
        False,
        True,
        True,
    ]
