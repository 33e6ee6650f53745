"""One pair is shown with every test run: the quickest whose bug is no matter of chance."""

from __future__ import annotations

import pytest

from tests.known_bugs.pairs import load_pairs
from tests.known_bugs.playing import UNSETTLED, Seen, play, visit_lab

PAIR = next(pair for pair in load_pairs() if pair.id == "K07")
#: How the lab's line begins, or what it holds, where a package cannot be had.
NOT_INSTALLED = ("the package registry cannot be reached", "the registry has no such version")


def seen_of(words: tuple[str, ...]) -> Seen:
    """What the suites say of one release; skips where it cannot be installed, or the machine was
    too busy for a verdict.
    """
    seen = play(visit_lab, words, PAIR.requirement)
    if seen.verdict in UNSETTLED and any(sign in seen.actual for sign in NOT_INSTALLED):
        pytest.skip(seen.actual)
    if seen.verdict == "inconclusive":
        pytest.skip(f"no verdict: {seen.actual}")
    return seen


def test_the_bad_release_fails_the_requirement_that_names_its_bug() -> None:
    """While Redis is down, its idle consumer keeps a processor busy."""
    seen = seen_of(PAIR.bad)

    assert (seen.verdict, "% over 5 s" in seen.actual) == ("failed", True)


def test_the_good_release_passes_it() -> None:
    assert seen_of(PAIR.good).verdict == "passed"
