"""How a start that must not succeed is judged."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from queueproof.errors import Inconclusive, Violation
from queueproof.stack.launcher import Boot
from queueproof.starts import expect_start


@dataclass(frozen=True)
class EndedChild:
    """What a Boot asks of a program."""

    output: str
    exit_code: int | None = 1
    pid: int = 0


def boot(output: str, *, serving: bool = False, exit_code: int | None = 1) -> Boot:
    child = EndedChild(output, None if serving else exit_code)
    return Boot(child, "http://127.0.0.1:1", Path(), serving, 1.0)  # type: ignore[arg-type]


def test_a_start_that_serves_is_not_stopped() -> None:
    with pytest.raises(Violation, match="it serves"):
        expect_start(boot("", serving=True)).to_be_stopped(expected="refused", naming="ttl")


def test_a_start_stopped_over_something_else_proves_nothing() -> None:
    with pytest.raises(Inconclusive, match="something else"):
        expect_start(boot("disk full")).to_be_stopped(expected="refused", naming="ttl")


def test_a_name_is_found_in_wrapped_and_framed_output() -> None:
    framed = "│ redis_queue_can │\n│ cel_marker_ttl  │"

    expect_start(boot(framed)).to_be_stopped(expected="refused", naming="cancel_marker_ttl")


def test_a_refusal_without_the_name_is_not_clear() -> None:
    with pytest.raises(Violation, match="without naming version"):
        expect_start(boot("Redis is bad")).to_be_refused_clearly(
            expected="refused", naming=("redis", "version")
        )


def test_a_start_that_hangs_is_not_clear() -> None:
    with pytest.raises(Violation, match="neither serves nor ends"):
        expect_start(boot("", exit_code=None)).to_be_refused_clearly(
            expected="refused", naming=("redis",)
        )


@pytest.mark.parametrize("serving", [True, False])
def test_a_report_counts_whether_it_serves_or_not(serving: bool) -> None:
    start = expect_start(boot("queue types DIFFER", serving=serving))

    asyncio.run(
        start.to_be_refused_or_reported(expected="a report", report=re.compile("typesdiffer"))
    )


def test_a_report_beside_counts() -> None:
    start = expect_start(boot("", serving=True))

    asyncio.run(
        start.to_be_refused_or_reported(
            expected="a report", report=re.compile("mixed"), beside=(boot("mixed"),)
        )
    )
