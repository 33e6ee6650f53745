"""Finding the capacity: steps of growing rate, until two in a row are not carried.

A step is carried when its latency stays below a limit and it leaves no jobs behind. One bad step
may be an accident; two are the knee, and the capacity is the last step before them. The same
figures decide while the run goes on, so that it ends there, and afterwards for the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from queueproof.load import tally
from queueproof.load.profile import Climb
from queueproof.load.records import Records, Window
from queueproof.load.schedule import Stretch

FOUND = "the capacity is found"
_SERVED = 0.9
_FAILED = 0.01
_SATURATED = 0.85


@dataclass(frozen=True, kw_only=True)
class ClimbStep:
    """One step's figures; `generator_cpu` is its processes' use of a core, the busiest's."""

    rate: float
    offered: int
    ended: int
    failed: int
    p50_ms: float
    p99_ms: float
    lag_p99_ms: float
    generator_cpu: float
    carried: bool

    def as_entry(self) -> dict[str, Any]:
        """The step in a report."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What a climb found: jobs a second that were carried, and every step.

    `bounded` says that a step above it was not carried: without one, the capacity is higher.
    `by_generator` says that the step that was not carried met a generator at its own limit.
    """

    jobs_per_s: float
    bounded: bool
    by_generator: bool
    steps: tuple[ClimbStep, ...]


class ClimbWatch:
    """Looks at a climb while it goes on; `add` gets every message of every process."""

    def __init__(self, climb: Climb, stretches: Sequence[Stretch], *, window_s: float) -> None:
        self._climb = climb
        self._stretches = stretches
        self._window_s = window_s
        self._records = Records()
        self._seen: dict[int, int] = {}

    def add(self, message: Mapping[str, Any], *, processes: int) -> str:
        """Why the climb is over; empty while it is not."""
        self._records.add(message)
        for window in message.get("windows", ()):
            self._seen[message["index"]] = window["index"]
        whole = min(self._seen.values()) if len(self._seen) == processes else -1
        steps = steps_of(
            self._climb,
            self._records.windows,
            self._stretches,
            window_s=self._window_s,
            until_s=(whole + 1) * self._window_s,
        )
        last = [step.carried for step in steps[-2:]]
        return FOUND if last == [False, False] else ""


def capacity_of(steps: Sequence[ClimbStep]) -> Capacity:
    """What the steps amount to."""
    reached = 0
    while reached < len(steps) and any(step.carried for step in steps[reached : reached + 2]):
        reached += 1
    carried = [step for step in steps[:reached] if step.carried]
    broke = steps[reached] if reached < len(steps) else None
    return Capacity(
        jobs_per_s=round(max((step.rate for step in carried), default=0.0), 2),
        bounded=broke is not None,
        by_generator=broke is not None and broke.generator_cpu > _SATURATED,
        steps=tuple(steps),
    )


def steps_of(
    climb: Climb,
    windows: Mapping[int, Window],
    stretches: Sequence[Stretch],
    *,
    window_s: float,
    until_s: float,
) -> list[ClimbStep]:
    """The figures of every step that was over at `until_s`."""
    steps, began_s = [], 0.0
    for stretch in stretches:
        ended_s = began_s + stretch.lasts_s
        if ended_s > until_s + 1e-6:
            break
        inside = range(round(began_s / window_s), round(ended_s / window_s))
        chosen = [windows[index] for index in inside if index in windows]
        steps.append(_step(climb, chosen, stretch))
        began_s = ended_s
    return steps


def _step(climb: Climb, windows: Sequence[Window], stretch: Stretch) -> ClimbStep:
    total: dict[str, int] = {}
    for window in windows:
        for name, number in window.counts.items():
            total[name] = total.get(name, 0) + number
    latency, lag = _merged(windows, climb.of), _merged(windows, "lag")
    offered, ended, failed = (total.get(name, 0) for name in ("offered", "ended", "failed"))
    p99_ms = tally.percentile_ms(latency, 99.0)
    requests = max(1, total.get("requests", 0))
    carried = p99_ms <= climb.p99_ms and ended >= _SERVED * offered
    return ClimbStep(
        rate=round(stretch.rate, 2),
        offered=offered,
        ended=ended,
        failed=failed,
        p50_ms=tally.percentile_ms(latency, 50.0),
        p99_ms=p99_ms,
        lag_p99_ms=tally.percentile_ms(lag, 99.0),
        generator_cpu=round(max(_cpu(total, stretch.lasts_s), default=0.0), 3),
        carried=carried and bool(ended) and failed / requests <= _FAILED,
    )


def _cpu(total: Mapping[str, int], lasts_s: float) -> list[float]:
    """Each process's use of a core."""
    return [ms / 1000 / lasts_s for name, ms in total.items() if name.startswith("cpu_ms_of_")]


def _merged(windows: Sequence[Window], operation: str) -> Any:
    whole = tally.histogram(digits=2)
    for window in windows:
        if operation in window.latencies:
            whole.add(window.latencies[operation])
    return whole
