"""An outage is not held against clients that could not be heard, not even as it ends."""

from __future__ import annotations

from reference_impl.core.rules import Heartbeat, StaleRule
from reference_impl.langflow.caretaker import Reachability


def test_a_gap_counts_before_the_renewal_that_ends_it() -> None:
    """The watchdog may be back before the keeper is."""
    reachability = Reachability(renewed_s=100.0, late_s=1.5)

    verdict = StaleRule(5).judge("99", started_s=90, gaps=reachability.until(107.0), now_s=107.0)

    assert verdict is Heartbeat.FRESH


def test_a_client_that_is_silent_while_the_store_is_there_is_stale() -> None:
    """Renewals on time are no gap."""
    reachability = Reachability(renewed_s=106.0, late_s=1.5)

    verdict = StaleRule(5).judge("99", started_s=90, gaps=reachability.until(107.0), now_s=107.0)

    assert verdict is Heartbeat.STALE


def test_a_store_that_was_never_reached_makes_no_gap() -> None:
    """Nothing is known then, and nothing is forgiven."""
    assert Reachability().until(107.0) == []
