"""The probe jobs and waits that schedules are made of, sized by the target's timings.

Ticks are short, so that many schedules fit into a minute, and just long enough to tell a job
that was stopped from one that came to its own end.
"""

from __future__ import annotations

from dataclasses import replace

from queueproof.config.deadlines import reclaimed_within_s, stopped_within_s
from queueproof.config.model import Timings
from queueproof.probe import Probe

QUICK, STEADY, LONG, FAILING, BURST, COLD = "quick", "steady", "long", "failing", "burst", "cold"
QUIET, SILENT = "quiet", "silent"
MOMENT, WHILE, ABANDON = "a moment", "a while", "until abandoned"
GIVE_UP_S = 0.06
PAUSE_S = 1.0
_MARGIN_S = 1.0
_LONG_TICK_S = 0.1
_LEAST_LONG_S = 12.0


def probe_of(shape: str, timings: Timings, *, witnessed: bool) -> Probe:
    """The probe job behind a shape's name."""
    return replace(_probes(timings)[shape], witnessed=witnessed)


def span_s(name: str, timings: Timings) -> float:
    """How long a wait lasts, in seconds."""
    return {MOMENT: 0.12, WHILE: 0.5, ABANDON: reclaimed_within_s(timings) + 1.2}[name]


def shapes_within(timings: Timings, patience_s: float) -> tuple[str, ...]:
    """The shapes whose jobs take no longer than `patience_s`."""
    probes = _probes(timings)
    return tuple(name for name, probe in probes.items() if probe.duration_s <= patience_s)


def waits_within(timings: Timings, patience_s: float) -> tuple[str, ...]:
    """The waits that last no longer than `patience_s`."""
    watched = timings.stale_threshold_s > 0
    names = (MOMENT, WHILE, *((ABANDON,) if watched else ()))
    return tuple(name for name in names if span_s(name, timings) <= patience_s)


def _probes(timings: Timings) -> dict[str, Probe]:
    stop_s = stopped_within_s(timings)
    long_s = max(_LEAST_LONG_S, reclaimed_within_s(timings) + 3.0, stop_s + 3.0)
    grace_s = max(timings.startup_grace_s, timings.poll_hold_s) + _MARGIN_S
    silence_s = timings.stale_threshold_s + 2 * timings.watchdog_interval_s
    silence_s = max(silence_s, timings.stream_ttl_s) + _MARGIN_S
    return {
        QUICK: Probe(ticks=4, interval_s=0.03),
        STEADY: Probe(ticks=8, interval_s=0.15),
        LONG: Probe(ticks=round(long_s / _LONG_TICK_S), interval_s=_LONG_TICK_S),
        FAILING: Probe(ticks=5, interval_s=0.03, fail_at=3),
        BURST: Probe(ticks=80, interval_s=0.0),
        COLD: Probe(ticks=4, interval_s=0.05, slow_start_s=min(0.5, grace_s / 4)),
        QUIET: Probe(ticks=4, interval_s=0.05, quiet_after=1, quiet_s=grace_s),
        SILENT: Probe(ticks=4, interval_s=0.05, quiet_after=1, quiet_s=silence_s),
    }
