"""How a start that must not succeed is judged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from queueproof.case_helpers.boot_expectations import expect_start, lines_of, report
from queueproof.errors import Inconclusive, Violation
from queueproof.stack.launcher import Boot


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


def test_a_name_that_a_good_start_prints_as_well_proves_nothing() -> None:
    usual = boot("12:00:01 redis_queue_ttl=3600", serving=True)
    start = expect_start(boot("12:34:56 redis_queue_ttl=3600\ndisk full"), usual=[usual])

    with pytest.raises(Inconclusive, match="something else"):
        start.to_be_stopped(expected="refused", naming="redis_queue_ttl")
    with pytest.raises(Violation, match="without naming redis_queue_ttl"):
        start.to_name_what_stopped_it(expected="refused", naming="redis_queue_ttl")


def test_a_refusal_without_a_line_that_says_so_is_not_clear() -> None:
    with pytest.raises(Violation, match="no line"):
        expect_start(boot("redis client\nversion 1.13")).to_be_refused_clearly(
            expected="refused", report=report("redis", "version")
        )


def test_a_start_that_hangs_is_not_clear() -> None:
    with pytest.raises(Violation, match="neither serves nor ends"):
        expect_start(boot("", exit_code=None)).to_be_refused_clearly(
            expected="refused", report=report("redis")
        )


@pytest.mark.parametrize("serving", [True, False])
def test_a_report_counts_whether_it_serves_or_not(serving: bool) -> None:
    start = expect_start(boot("queue types DIFFER", serving=serving))

    asyncio.run(
        start.to_be_refused_or_reported(expected="a report", report=report("types", "differ"))
    )


def test_a_report_beside_counts() -> None:
    start = expect_start(boot("", serving=True))

    asyncio.run(
        start.to_be_refused_or_reported(
            expected="a report", report=report("mixed"), beside=(boot("mixed"),)
        )
    )


def test_what_a_good_start_prints_as_well_is_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queueproof.case_helpers.boot_expectations._REPORT_WITHIN_S", 0.0)
    line = "[{}] worker 7: the job queue needs redis"
    usual = boot(line.format(31), serving=True)
    start = expect_start(boot(line.format(4711), serving=True), usual=[usual])

    with pytest.raises(Violation, match="says nothing"):
        asyncio.run(
            start.to_be_refused_or_reported(expected="a report", report=report("queue needs redis"))
        )


def test_lines_are_read_as_they_were_before_they_were_wrapped_and_framed() -> None:
    wrapped = (
        "the secret key that this worker was given for the queue of these deployments is\n"
        "different from that of the server\n"
        "Ready\n"
        "╭─ Error ─────────╮\n"
        "│ queue and cache  │\n"
        "│ share one index  │\n"
        "╰──────────────────╯\n"
        "\n"
        "Bye"
    )

    assert lines_of(wrapped) == [
        (
            "the secret key that this worker was given for the queue of these deployments is "
            "different from that of the server"
        ),
        "ready",
        "╭─ error ─────────╮",
        "queue and cache share one index",
        "bye",
    ]
