"""The monitors' counters before and after: what rose, on which worker.

A counter belongs to one worker and counts everybody's doings, so a case that reads it exactly
must be alone on the target. Telling workers apart by their monitors needs scratch jobs, which
move the same counters: a measurement during which one ran is void. So is one beside the jobs of
other clients: before a counter accuses the target, it is watched for a while without any job of
ours (`expect_counted`). A client that comes once a minute, or whose job runs on for minutes, shows
nothing in that while, so what a counter says is believed only where it is said twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from queueproof.errors import Inconclusive, NotAssessed, Violation
from queueproof.expectations import require_answer
from queueproof.targets.job import Job
from queueproof.targets.system import System
from queueproof.targets.traffic import rule_out_other_traffic
from queueproof.targets.worker import Worker
from queueproof.waiting import eventually, throughout

RECLAIMED = "polling_watchdog_kills"
#: What a monitor's `cancel_stats` holds.
CANCEL_COUNTERS = (
    "published",
    "marker_hit",
    "dispatched_owned",
    "dispatched_foreign",
    "publish_errors",
    "dispatcher_reconnects",
    "dispatcher_internal_errors",
    RECLAIMED,
    "activity_touch_errors",
    "activity_get_errors",
    "activity_parse_errors",
)
_CALM_S = 0.4
_CALM_WITHIN_S = 6.0
_AFTERMATH_S = 0.8

Counters = dict[Worker, dict[str, int]]
Rise = Mapping[Worker, int]


async def read_counters(target: System) -> Counters:
    """Every worker's numeric fields, the cancel counters among them.

    Raises Inconclusive when a monitor does not answer, NotAssessed where no connection leads to
    one known worker: each has counters of its own, and who answers would change by request.
    """
    if target.fleet.identifier is None:
        raise NotAssessed(
            f"the counters of one worker cannot be read: {target.fleet.unsorted_because}"
        )
    replies = await target.monitors()
    for worker, reply in replies.items():
        require_answer(reply, 200, to=f"the monitor of worker {worker}")
    return {worker: reply.counters for worker, reply in replies.items()}


@dataclass(frozen=True)
class CounterDelta:
    """By how much counters have risen since one moment."""

    target: System
    before: Counters
    scratch_jobs: int

    @classmethod
    async def begin(cls, target: System) -> CounterDelta:
        """Start from counters at rest, so that nobody's aftermath is counted.

        Raises Inconclusive when they do not come to rest.
        """

        async def twice() -> tuple[Counters, bool]:
            first = await read_counters(target)
            _, calm = await throughout(
                lambda: read_counters(target), lambda seen: seen == first, for_s=_CALM_S
            )
            return first, calm

        (before, _), calm = await eventually(twice, lambda seen: seen[1], within_s=_CALM_WITHIN_S)
        if not calm:
            raise Inconclusive(
                "the monitors' counters did not come to rest: other clients use the target, or it "
                "is at work by itself"
            )
        return cls(target, before, target.fleet.scratch_jobs)

    async def rise(self, name: str) -> dict[Worker, int]:
        """By how much the counter `name` has risen on each worker so far.

        Raises Inconclusive when a monitor lacks it.
        """
        now = await read_counters(self.target)
        if self.target.fleet.scratch_jobs != self.scratch_jobs:
            raise Inconclusive("connections had to be sorted meanwhile, which moves the counters")
        for worker, counters in [*self.before.items(), *now.items()]:
            if name not in counters:
                raise Inconclusive(f"worker {worker}'s monitor has no number {name}")
        return {worker: now[worker][name] - self.before[worker][name] for worker in self.before}

    async def rises_to(self, name: str, expected: Rise, *, within_s: float) -> dict[Worker, int]:
        """Wait until the rise is `expected`, and a little longer to see whether it stays so.

        Returns the last rise seen; workers not in `expected` shall not rise.
        """
        whole = {worker: expected.get(worker, 0) for worker in self.before}
        seen, reached = await eventually(
            lambda: self.rise(name), lambda rise: rise == whole, within_s=within_s
        )
        if reached:
            seen, _ = await throughout(
                lambda: self.rise(name), lambda rise: rise == whole, for_s=_AFTERMATH_S
            )
        return seen

    async def require_nothing_reclaimed(self) -> None:
        """Raise Inconclusive where the watchdog stopped a job: its signals may be counted, too."""
        if any(by > 0 for by in (await self.rise(RECLAIMED)).values()):
            raise Inconclusive("the watchdog reclaimed a job meanwhile, which may be counted, too")

    async def gauge_rises_to(
        self, name: str, expected: Rise, *, within_s: float
    ) -> dict[Worker, int]:
        """As `rises_to`, of a number that may fall.

        Raises Inconclusive where it fell below its start: it lost what earlier jobs had left in it.
        """
        rise = await self.rises_to(name, expected, within_s=within_s)
        if min(rise.values()) < 0:
            raise Inconclusive(f"the gauge fell below its start meanwhile ({in_words(name, rise)})")
        return rise

    async def expect_that(
        self, holds: bool, *, expected: str, actual: str, jobs: tuple[Job, ...] | Job = ()
    ) -> None:
        """Raise Violation unless `holds`; Inconclusive where other clients use the target."""
        await expect_counted(self.target, holds, expected=expected, actual=actual, jobs=jobs)

    async def rises(
        self, name: str, enough: Callable[[Rise], bool], *, within_s: float
    ) -> dict[Worker, int]:
        """Wait until the rise is `enough`; returns the last one seen."""
        seen, _ = await eventually(lambda: self.rise(name), enough, within_s=within_s)
        return seen


async def expect_counted(
    target: System,
    holds: bool,
    *,
    expected: str,
    actual: str,
    jobs: tuple[Job, ...] | Job = (),
) -> None:
    """How a case states a verdict that counters led it to, which any client may move.

    Raises Violation unless `holds`, one that counts when it is seen twice unless the target was
    launched for this run; Inconclusive where other clients are seen to use the target.
    """
    if holds:
        return
    named = (jobs,) if isinstance(jobs, Job) else jobs
    await rule_out_other_traffic(target, named)
    raise Violation(
        expected=expected,
        actual=actual,
        job_ids=tuple(job.id for job in named),
        coincidence="" if target.is_ours else "another client's job would be counted likewise",
    )


def in_words(name: str, rise: Rise) -> str:
    """A rise in a line, such as `published: a +1, b +0`."""
    return f"{name}: " + ", ".join(
        f"{worker} {by:+d}" for worker, by in sorted(rise.items(), key=lambda item: item[0].label)
    )


def matches(rise: Rise, expected: Rise) -> bool:
    """Whether exactly the workers in `expected` rose, and by that much."""
    return all(by == expected.get(worker, 0) for worker, by in rise.items())
