"""What is green, what is red, since when, and what is left of the error budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from queueproof.errors import UsageError
from queueproof.watch import standing
from queueproof.watch.looking import REACHED, Observation, Round
from queueproof.watch.standing import Standing

_WEEK_S = 7 * 24 * 3600.0


def seen(**checks: str) -> Round:
    """A round: by check what was wrong, empty where nothing was."""
    observations = [
        Observation(check=name, good=not words, took_s=0.1, words=words)
        for name, words in checks.items()
    ]
    return Round(observations=tuple(observations), operations=4, jobs=2)


def test_a_change_is_said_once_and_again_when_it_is_over() -> None:
    now = Standing()
    assert now.enter(seen(a="", b=""), at=10.0, window_s=_WEEK_S) == []

    (turned,) = now.enter(seen(a="", b="no answer"), at=20.0, window_s=_WEEK_S)
    assert str(turned) == "b is red: no answer"
    assert not now.good
    assert now.enter(seen(a="", b="still none"), at=30.0, window_s=_WEEK_S) == []

    (back,) = now.enter(seen(a="", b=""), at=50.0, window_s=_WEEK_S)
    assert str(back) == "b is green again after 30 s"
    assert now.good


def test_what_is_red_at_first_is_said_at_once() -> None:
    (turned,) = Standing().enter(seen(a="gone"), at=0.0, window_s=_WEEK_S)
    assert (turned.check, turned.good) == ("a", False)


def test_where_the_target_was_not_reached_its_workers_keep_their_colour() -> None:
    now = Standing()
    now.enter(seen(reached="", a="", b=""), at=0.0, window_s=_WEEK_S)
    now.enter(seen(**{REACHED: "refused"}), at=1.0, window_s=_WEEK_S)
    assert now.checks["a"].good
    assert standing.red(now.checks.items()) == [REACHED]

    now.enter(seen(reached="", a=""), at=2.0, window_s=_WEEK_S)
    assert set(now.checks) == {REACHED, "a"}


def test_the_budget_is_that_of_the_window() -> None:
    now = Standing()
    for at in range(100):
        now.enter(seen(a="bad" if at == 50 else ""), at=float(at), window_s=_WEEK_S)
    assert now.budget_left(0.98) == pytest.approx(0.5)
    assert now.budget_in_words(0.98) == "budget left 50%"
    assert now.budget_left(0.999) < 0
    assert now.budget_in_words(0.999) == "budget spent, 1 of 100 rounds were bad"
    for at in range(100, 200):
        now.enter(seen(a=""), at=float(at), window_s=100.0)
    assert now.budget_left(0.98) == 1.0


def test_it_survives_a_restart(tmp_path: Path) -> None:
    path, now = tmp_path / "state.json", Standing()
    now.enter(seen(a="gone"), at=5.0, window_s=_WEEK_S)
    standing.save(now, path)

    again = standing.load(path)
    assert again == now
    assert again.enter(seen(a="gone"), at=6.0, window_s=_WEEK_S) == []
    (back,) = again.enter(seen(a=""), at=65.0, window_s=_WEEK_S)
    assert back.lasted_s == 60.0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 9}', '{"version": 1, "checks": 3}'])
def test_what_is_no_state_is_refused_in_a_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="--state"):
        standing.load(path)
