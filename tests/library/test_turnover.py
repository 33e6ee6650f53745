"""Workers are counted by the letters that a reader sees, whatever became of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.reporting import digest
from queueproof.reporting.model import Coverage
from queueproof.targets.fleet import Fleet
from queueproof.targets.turnover import turnover
from queueproof.targets.vantage import Vantage

from ..reporting import samples


@pytest.mark.parametrize(
    ("first", "now", "words"),
    [
        ("abc", "abc", ""),
        ("abc", "acd", "b was replaced by d"),
        ("abc", "cde", "a and b were replaced by d and e"),
        ("abc", "a", "b and c went away"),
        ("ab", "abc", "c came later"),
        ("", "", ""),
    ],
)
def test_what_became_of_the_workers_is_told(first: str, now: str, words: str) -> None:
    assert turnover(list(first), list(now)) == words


def test_a_fleet_remembers_the_workers_that_it_found_first() -> None:
    async def ping(_: Vantage) -> None:
        """Nobody is asked."""

    fleet = Fleet(("http://127.0.0.1:1",), identifier=None, ping=ping)
    for letter in "ab":
        fleet._known.meet(letter, "http://127.0.0.1:1")
    fleet._known.settle(None)

    fleet.retire(fleet.workers[1])

    assert [each.label for each in fleet.workers] == ["a"]
    assert [each.label for each in fleet.first_workers] == ["a", "b"]


def test_a_report_names_the_workers_that_were_there_at_first() -> None:
    result = samples.passing()
    assert digest.workers_in_words(result) == "3 (a, b, c)"

    later = Coverage(notes=("workers: b was replaced by d", "looks into Redis: 3"))
    told = digest.workers_in_words(replace(result, coverage=later))
    assert told == "3 (a, b, c); b was replaced by d"
