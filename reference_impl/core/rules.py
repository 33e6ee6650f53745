"""Who may do what, and when something is too late. Times are seconds unless named ``_ms``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

# From when until when, in seconds of the store's clock, nobody could reach the store.
Gap = tuple[float, float]

BACKOFF_FIRST_S = 0.5
BACKOFF_CAP_S = 30.0


def may_read(*, user_id: str, owner_id: str) -> bool:
    """Only the user who submitted a job may read it; to all others it does not exist."""
    return user_id == owner_id


def may_cancel(*, user_id: str, owner_id: str) -> bool:
    """Whoever may read a job may cancel it, and nobody else."""
    return may_read(user_id=user_id, owner_id=owner_id)


class Heartbeat(Enum):
    """What the watchdog makes of a job's heartbeat."""

    FRESH = auto()
    STALE = auto()
    MALFORMED = auto()


@dataclass(frozen=True)
class StaleRule:
    """When a polling build counts as abandoned.

    Langflow 1.10 "Deploy Langflow with multiple workers", Configuration reference:
    ``LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S``; 0 disables the rule.
    """

    threshold_s: float

    @property
    def enabled(self) -> bool:
        """Whether any build can be abandoned at all."""
        return self.threshold_s > 0

    def judge(
        self, value: str | None, *, started_s: float, gaps: Iterable[Gap], now_s: float
    ) -> Heartbeat:
        """Judge a heartbeat as it was read; all times are of the store's one clock.

        A missing heartbeat counts from the job's start. ``gaps`` are not held against the client:
        nobody could have written a heartbeat then.
        """
        beat_s = started_s if value is None else parse_heartbeat(value)
        if beat_s is None:
            return Heartbeat.MALFORMED
        silent_s = now_s - beat_s - overlap_s(gaps, begin_s=beat_s, end_s=now_s)
        stale = self.enabled and silent_s > self.threshold_s
        return Heartbeat.STALE if stale else Heartbeat.FRESH


def overlap_s(gaps: Iterable[Gap], *, begin_s: float, end_s: float) -> float:
    """How much of a span lies in the gaps, which do not overlap one another."""
    return sum(max(0.0, min(gap[1], end_s) - max(gap[0], begin_s)) for gap in gaps)


def parse_heartbeat(value: str) -> float | None:
    """Read decimal unix seconds; None for anything else (``nan`` included)."""
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def grace_left_s(*, grace_s: float, waiting_since_s: float, now_s: float) -> float:
    """How long a reader still waits for a stream that nobody has written to; never below 0.

    Langflow 1.10 "Deploy Langflow with multiple workers", Configuration reference:
    ``LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S``; with 0 the wait is over as it begins.
    """
    return max(0.0, waiting_since_s + grace_s - now_s)


@dataclass(frozen=True)
class LeaseRule:
    """When a silent worker counts as dead.

    Every worker renews its lease, and each renewal by anybody moves the common pulse. When the
    pulse itself stood still, the store was away or frozen: no lease is held against its worker
    then, whoever comes first forgives all of them.
    """

    lease_s: float

    @property
    def renew_every_s(self) -> float:
        """How often a worker renews: often enough to lose two renewals and live."""
        return self.lease_s / 4

    @property
    def gap_s(self) -> float:
        """A pulse older than this says that nobody could renew."""
        return self.lease_s / 2

    def nobody_could_renew(self, *, pulse_s: float | None, now_s: float) -> bool:
        """Whether silence is the store's fault, not a worker's."""
        return pulse_s is None or now_s - pulse_s > self.gap_s

    def is_dead(self, *, expires_s: float | None, pulse_s: float | None, now_s: float) -> bool:
        """Whether a worker with this lease is dead; a worker without a lease is."""
        if self.nobody_could_renew(pulse_s=pulse_s, now_s=now_s):
            return False
        return expires_s is None or expires_s < now_s


class ReaderEnd(Enum):
    """What a reader finds when there is nothing to deliver."""

    WAIT = auto()
    OVER = auto()
    LOST = auto()
    NOT_STARTED = auto()


def reader_end(*, exists: bool, is_over: bool, written: int, read: int, kept: bool) -> ReaderEnd:
    """Say what it means that a reader finds nothing behind what it has ``read``.

    ``written`` counts the events the record knows of, ``kept`` says whether the stream is there.
    """
    if not exists or read > written:
        return ReaderEnd.LOST
    if written > 0 and (read < written or not kept):
        return ReaderEnd.LOST
    if is_over:
        return ReaderEnd.OVER
    return ReaderEnd.NOT_STARTED if written == 0 else ReaderEnd.WAIT


def backoff_s(*, first_s: float = BACKOFF_FIRST_S, cap_s: float = BACKOFF_CAP_S) -> Iterator[float]:
    """Yield the waits between attempts to reconnect: doubling, up to the cap, for ever.

    Langflow 1.10 "Deploy Langflow with multiple workers", Monitor the job queue, caps them at 30 s.
    """
    wait_s = first_s
    while True:
        yield min(wait_s, cap_s)
        wait_s = min(wait_s * 2, cap_s)
