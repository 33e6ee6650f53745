"""What a case raised while something went away: whom it accuses, and whether the run goes on."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError

from queueproof.errors import (
    HarnessError,
    Inconclusive,
    NotAssessed,
    TargetUnreachable,
    Violation,
)
from queueproof.running.lost_target import attribute_loss
from queueproof.running.run_end import RunEnd
from queueproof.targets.redis_errors import outcome_of

BEGAN_S = 12.5


def attributed(
    error: BaseException | None,
    *,
    gone: str = "",
    in_front: str = "",
    healthy: bool = True,
    ours: bool = False,
    end: RunEnd | None = None,
    lost: str = "",
) -> BaseException | None:
    async def gone_since(when: float) -> str:
        assert when == BEGAN_S
        return gone

    async def answers() -> bool:
        return healthy

    fleet = SimpleNamespace(gone_since=gone_since, in_front=in_front)

    def lost_on_kept(case: str, *, since: float) -> str:
        assert (case, since) == ("a case", BEGAN_S)
        return lost

    system: Any = SimpleNamespace(fleet=fleet, healthy=answers, lost_on_kept=lost_on_kept)
    return asyncio.run(
        attribute_loss(
            error, system=system, began=BEGAN_S, ours=ours, end=end or RunEnd(), case="a case"
        )
    )


def violation() -> Violation:
    return Violation(expected="this", actual="that")


@pytest.mark.parametrize("error", [None, Inconclusive("who knows"), ValueError("odd")])
def test_what_has_nothing_to_do_with_a_loss_stays_as_it_is(error: Exception | None) -> None:
    end = RunEnd()

    assert attributed(error, gone="a", in_front="nginx", healthy=False, end=end) is error
    assert not end.reached


@pytest.mark.parametrize("error", [RedisAway("no route"), ResponseError("NOPERM")])
def test_what_redis_says_is_not_our_own_error(error: Exception) -> None:
    told = attributed(error)

    assert type(told) is type(outcome_of(error))
    assert str(told) == str(outcome_of(error))


def test_what_was_seen_while_a_worker_went_away_accuses_nobody() -> None:
    told = attributed(violation(), gone="http://b refused connections", in_front="nginx")

    assert isinstance(told, Inconclusive)
    assert str(told) == (
        "http://b refused connections, while the case saw: expected this; actual that"
    )


def test_where_nothing_went_away_what_stands_in_front_is_told() -> None:
    seen, plain = violation(), violation()

    assert attributed(seen, in_front="nginx") is seen
    assert seen.actual.startswith("that (seen through nginx:")
    assert attributed(plain) is plain
    assert plain.actual == "that"


def test_of_a_target_that_is_ours_nobody_else_takes_anything_away() -> None:
    seen = violation()

    assert attributed(seen, gone="worker a", in_front="nginx", ours=True) is seen
    assert seen.actual == "that"


@pytest.mark.parametrize("ours", [True, False])
def test_a_copy_that_is_gone_ends_only_its_case(ours: bool) -> None:
    end = RunEnd()
    told = attributed(TargetUnreachable("refused"), ours=ours, end=end)

    assert isinstance(told, Inconclusive)
    assert str(told) == "a target stopped answering: refused"
    assert not end.reached


def test_a_target_that_is_gone_ends_the_run() -> None:
    end, error = RunEnd(), TargetUnreachable("refused")
    told = attributed(error, healthy=False, end=end)

    assert isinstance(told, NotAssessed)
    assert str(told) == "the target is gone: refused"
    assert end.error is error
    attributed(TargetUnreachable("refused again"), healthy=False, end=end)
    assert end.error is error, "the first is told"


def test_a_run_ends_for_its_first_reason() -> None:
    end = RunEnd()
    assert (end.reached, end.interrupted, end.error) == (False, "", None)

    end.interrupt("interrupted by SIGINT")
    end.interrupt("interrupted by SIGTERM")
    assert (end.reached, end.interrupted) == (True, "interrupted by SIGINT")

    broken, later = HarnessError("broken"), HarnessError("later")
    end = RunEnd()
    end.fail(broken)
    end.fail(later)
    assert end.reached
    assert end.error is broken


LOST = "submit: connection lost: ReadError, a kept one"


def test_the_loss_of_a_kept_connection_accuses_nobody() -> None:
    """Its other end may close it when it likes."""
    seen = Violation(expected="8 ids", actual="1 without an id (connection lost: ReadErr")

    told = attributed(seen, lost=LOST)

    assert isinstance(told, Inconclusive)
    assert str(told).startswith(f"{LOST}, which may be closed at any time; the case saw: ")


@pytest.mark.parametrize(
    ("actual", "lost", "ours"),
    [
        ("tick 3 came twice", LOST, False),
        ("connection lost", "", False),
        ("connection lost", LOST, True),
    ],
)
def test_what_no_such_loss_explains_is_held_against_the_target(
    actual: str, lost: str, ours: bool
) -> None:
    seen = Violation(expected="this", actual=actual)

    assert attributed(seen, lost=lost, ours=ours) is seen
