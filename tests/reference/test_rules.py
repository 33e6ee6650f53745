"""The rules, at their edges."""

from __future__ import annotations

import itertools

import pytest

from reference_impl.core.events import (
    EndReason,
    cancelled_closing,
    failed_closing,
    make_event,
)
from reference_impl.core.rules import (
    Gap,
    Heartbeat,
    LeaseRule,
    ReaderEnd,
    StaleRule,
    backoff_s,
    grace_left_s,
    may_cancel,
    may_read,
    parse_heartbeat,
    reader_end,
)


@pytest.mark.parametrize("rule", [may_read, may_cancel])
def test_only_the_submitting_user_may(rule: object) -> None:
    """Everybody else's requests are answered as if the job did not exist."""
    assert callable(rule)
    assert rule(user_id="a", owner_id="a")
    assert not rule(user_id="b", owner_id="a")


@pytest.mark.parametrize(
    ("value", "started_s", "gaps", "expected"),
    [
        ("95", 0, [], Heartbeat.FRESH),
        ("90", 0, [], Heartbeat.FRESH),
        ("89.999", 0, [], Heartbeat.STALE),
        (None, 95, [], Heartbeat.FRESH),
        (None, 80, [], Heartbeat.STALE),
        ("50", 0, [(52.0, 94.0)], Heartbeat.FRESH),
        ("50", 0, [(20.0, 94.0)], Heartbeat.FRESH),
        ("50", 0, [(52.0, 60.0)], Heartbeat.STALE),
        ("9", 0, [(10.0, 20.0), (30.0, 70.0)], Heartbeat.STALE),
        ("abc", 0, [], Heartbeat.MALFORMED),
        ("nan", 0, [], Heartbeat.MALFORMED),
        ("inf", 0, [], Heartbeat.MALFORMED),
        ("", 0, [], Heartbeat.MALFORMED),
    ],
)
def test_a_heartbeat_is_stale_beyond_the_threshold(
    value: str | None, started_s: float, gaps: list[Gap], expected: Heartbeat
) -> None:
    """Missing counts from the start, nonsense kills nobody, an outage is not held against it."""
    verdict = StaleRule(10).judge(value, started_s=started_s, gaps=gaps, now_s=100)
    assert verdict is expected


def test_a_threshold_of_zero_disables_the_watchdog() -> None:
    """However old the heartbeat is."""
    rule = StaleRule(0)
    assert not rule.enabled
    verdict = rule.judge("0", started_s=0, gaps=[], now_s=1e9)
    assert verdict is Heartbeat.FRESH


def test_a_heartbeat_is_decimal_seconds() -> None:
    """As it is written, and as an operator might write it."""
    assert parse_heartbeat("1795311081.476") == pytest.approx(1795311081.476)
    assert parse_heartbeat("12") == 12
    assert parse_heartbeat("soon") is None


def test_the_grace_counts_down_from_the_first_wait() -> None:
    """And is never negative; zero is no grace at all."""
    assert grace_left_s(grace_s=30, waiting_since_s=100, now_s=100) == 30
    assert grace_left_s(grace_s=30, waiting_since_s=100, now_s=129) == 1
    assert grace_left_s(grace_s=30, waiting_since_s=100, now_s=500) == 0
    assert grace_left_s(grace_s=0, waiting_since_s=100, now_s=100) == 0


@pytest.mark.parametrize(
    ("expires_s", "pulse_s", "dead"),
    [
        (101, 100, False),
        (99, 100, True),
        (None, 100, True),
        (99, 97, False),
        (None, None, False),
    ],
)
def test_a_lapsed_lease_means_death_only_while_others_could_renew(
    expires_s: float | None, pulse_s: float | None, dead: bool
) -> None:
    """A frozen store makes nobody dead."""
    assert LeaseRule(5).is_dead(expires_s=expires_s, pulse_s=pulse_s, now_s=100) is dead


def test_two_lost_renewals_do_not_cost_the_lease() -> None:
    """The third still comes in time."""
    rule = LeaseRule(5)
    assert rule.renew_every_s * 3 < rule.lease_s


@pytest.mark.parametrize(
    ("exists", "is_over", "written", "read", "kept", "expected"),
    [
        (False, False, 0, 0, False, ReaderEnd.LOST),
        (True, False, 0, 0, False, ReaderEnd.NOT_STARTED),
        (True, False, 5, 5, True, ReaderEnd.WAIT),
        (True, True, 5, 5, True, ReaderEnd.OVER),
        (True, False, 5, 5, False, ReaderEnd.LOST),
        (True, False, 5, 3, True, ReaderEnd.LOST),
        (True, True, 5, 3, False, ReaderEnd.LOST),
        (True, False, 0, 3, False, ReaderEnd.LOST),
    ],
)
def test_what_it_means_to_find_nothing(
    exists: bool, is_over: bool, written: int, read: int, kept: bool, expected: ReaderEnd
) -> None:
    """A stream that was seen and is gone is a loss, not an end."""
    found = reader_end(exists=exists, is_over=is_over, written=written, read=read, kept=kept)
    assert found is expected


def test_the_backoff_doubles_up_to_thirty_seconds() -> None:
    """And stays there."""
    waits = list(itertools.islice(backoff_s(), 9))
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize("reason", [EndReason.OWNER_DIED, EndReason.OUTAGE, EndReason.SHUTDOWN])
def test_a_failed_end_says_why_and_is_terminal_once(reason: EndReason) -> None:
    """``error`` first, then the one terminal ``end``."""
    closing = failed_closing("job", reason)
    assert [event.name for event in closing.events] == ["error", "end"]
    assert [event.is_terminal for event in closing.events] == [False, True]
    assert all(reason.value in event.body for event in closing.events)


def test_a_cancelled_end_is_one_event_with_its_reason() -> None:
    """A client can tell it from every other end."""
    [event] = cancelled_closing("job", "watchdog").events
    assert event.is_terminal
    assert event.body == '{"event": "cancelled", "data": {"reason": "watchdog", "job_id": "job"}}'


def test_an_event_holds_what_json_does_not_know() -> None:
    """A component may log anything."""
    assert "object object" in make_event("log", {"message": object()}).body
