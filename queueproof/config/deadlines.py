"""What a target's declared timings add up to: until when what it promises must have happened."""

from __future__ import annotations

from queueproof.config.model import Timings


def stopped_within_s(timings: Timings) -> float:
    """How long a cancel may take to stop the work, an ordinary answer's time included.

    The same holds for a dropped stream, which is a cancel too.
    """
    return timings.cancel_effect_s + timings.answer_s


def reclaimed_within_s(timings: Timings) -> float:
    """How long after its client's last sign of life an abandoned job may still work."""
    return timings.stale_threshold_s + timings.watchdog_interval_s + timings.cancel_effect_s


def kept_for_s(timings: Timings) -> float:
    """For how long a silent client keeps its job in any case, with a margin for late ticks.

    Infinite where no watchdog is declared.
    """
    threshold_s = timings.stale_threshold_s
    return max(0.6 * threshold_s, threshold_s - 1.0) if threshold_s > 0 else float("inf")


def recovered_within_s(timings: Timings) -> float:
    """How long a service that lost something may take to go on, an answer's time included."""
    return timings.recovery_s + timings.answer_s
