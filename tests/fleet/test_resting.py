"""How long connections may rest is learnt from one that rests longer."""

from __future__ import annotations

import asyncio
import time

import pytest

from queueproof.targets.resting import RestingTime
from queueproof.targets.vantage import Vantage


def learnt(server_keeps_s: float, *, longest_s: float = 24.0) -> tuple[RestingTime, int]:
    """After a minute of a server that closes idle connections after so long; and how many of its
    connections were closed meanwhile.
    """
    resting, closed, now_s = RestingTime(3.0, longest_s), 0, 0.0
    while now_s < 60.0:
        tried_s = resting.tried_s
        now_s += tried_s
        if tried_s < server_keeps_s:
            resting.outlived(tried_s)
        else:
            resting.closed(tried_s)
            closed += 1
    return resting, closed


@pytest.mark.parametrize(
    ("server_keeps_s", "at_least_s", "at_most_s"),
    [(75.0, 19.0, 24.0), (20.0, 7.0, 20.0), (5.0, 3.0, 5.0), (2.0, 3.0, 3.0)],
)
def test_a_minute_shows_how_long_a_server_keeps_what_is_idle(
    server_keeps_s: float, at_least_s: float, at_most_s: float
) -> None:
    """At the price of one connection at most, beyond what is closed in any case."""
    resting, closed = learnt(server_keeps_s)

    assert at_least_s <= resting.safe_s <= at_most_s
    assert closed <= 1 or server_keeps_s < 3.0


def test_where_nothing_is_to_be_learnt_all_rest_alike() -> None:
    resting = RestingTime()
    resting.outlived(50.0)

    assert resting.safe_s == resting.tried_s == 0.0


def test_what_others_have_outlived_and_closes_all_the_same_is_learnt_anew() -> None:
    """As when a worker ends, or a server starts with other settings."""
    resting = RestingTime(3.0, 24.0)
    resting.outlived(20.0)
    resting.closed(6.0)

    assert resting.safe_s == 3.0
    assert resting.tried_s < 6.0
    resting.outlived(7.0)
    assert resting.tried_s > 7.0


async def watched(port_after: int | None) -> RestingTime:
    """What is learnt of a connection that rested ten seconds and came back at that port."""
    resting, vantage = RestingTime(3.0, 24.0), Vantage("http://127.0.0.1:1")
    vantage.port, vantage.last_used_s = 1, time.monotonic() - 10.0
    with resting.watched(vantage):
        vantage.port = port_after
    await vantage.close()
    return resting


def test_a_connection_that_is_asked_tells_whether_it_was_still_open() -> None:
    assert asyncio.run(watched(1)).safe_s == pytest.approx(8.0, abs=0.1)
    assert asyncio.run(watched(2)).tried_s == 9.0
    assert asyncio.run(watched(None)).safe_s == 3.0
