"""What the target holds while it is loaded: memory, Redis keys, connections, channels.

Sampled where it can be seen: processes on this machine by their process table, Redis by its URL.
A soak's bounds judge growth: the median of the last fifth of the run against that of the second
fifth, when caches are warm and the first jobs have expired. A bound for which there is no such
figure was not judged, and says why (`unjudged`). Samples are written down as they come, so that a
run that dies in its fifth hour leaves those of four.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from redis.asyncio import Redis
from redis.exceptions import RedisError

from queueproof.config.cluster_url import names_cluster
from queueproof.config.model import TargetConfig
from queueproof.config.redis_url import CLUSTER_REASON
from queueproof.targets.redis_client import redis_client

MEASURES = (
    *("rss_mb", "worker_mb", "processes"),
    *("redis_mb", "redis_keys", "redis_clients", "redis_channels"),
)
_KEPT_A_WHILE = ("redis_mb", "redis_keys")
_MB = 1024 * 1024
_FIFTHS = 5
_FEWEST = 15
_REDIS_WITHIN_S = 5.0
#: A sampler that has not sampled for so many of its intervals had stopped.
_MISSED = 3
SAMPLES = "samples.jsonl"

Sample = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How much a measure grew over the run; `bound` is what it may, None where nothing says."""

    measure: str
    early: float
    late: float
    bound: float | None

    @property
    def held(self) -> bool:
        """Whether it stayed within its bound."""
        return self.bound is None or self.late - self.early <= self.bound

    def as_entry(self) -> dict[str, Any]:
        """The growth in a report."""
        return {
            "measure": self.measure,
            "early": round(self.early, 2),
            "late": round(self.late, 2),
            "bound": self.bound,
            "held": self.held,
        }


class Sampler:
    """Samples a target every `every_s` seconds; `samples` carry wall-clock instants in `at`.

    Each sample is a line of the file `log` as soon as it is taken. `trouble` says why sampling
    ended early.
    """

    def __init__(self, target: TargetConfig, *, every_s: float, log: Path | None = None) -> None:
        self.samples: list[Sample] = []
        self.trouble = ""
        self._log = log
        self._roots = tuple(filter(None, (target.process_root, *target.worker_processes)))
        self._cluster = names_cluster(target.redis_url)
        self._redis_url = "" if self._cluster else target.redis_url
        self._every_s = every_s
        self._over = False

    def why_unseen(self, measure: str, *, until_at: float) -> str:
        """Why a measure was not seen until the end of the run; empty when it was."""
        if measure not in MEASURES:
            return "there is no such measure"
        if measure.startswith("redis"):
            if self._cluster:
                return CLUSTER_REASON
            if not self._redis_url:
                return "no Redis URL was given (redis_url)"
        elif not self._roots:
            return "the target's processes are not known (process_root)"
        seen_at = [sample["at"] for sample in self.samples if measure in sample]
        if not seen_at:
            return f"it could not be sampled{self._because}"
        gap_s = until_at - seen_at[-1]
        if gap_s > _MISSED * self._every_s + _REDIS_WITHIN_S:
            return f"it was last sampled {gap_s:.0f} s before the end of the run{self._because}"
        return ""

    @property
    def _because(self) -> str:
        return f" ({self.trouble})" if self.trouble else ""

    @property
    def sees_anything(self) -> bool:
        """Whether there is anything to sample."""
        return bool(self._roots or self._redis_url)

    @asynccontextmanager
    async def sampling(self) -> AsyncIterator[None]:
        """Sample for the body's duration."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            # A cancel that meets a reply of Redis may be lost in the client: so it is told twice.
            self._over = True
            task.cancel()
            await asyncio.wait({task})
            error = None if task.cancelled() else task.exception()
            if error is not None:
                self.trouble = f"{type(error).__name__}: {error}"

    async def _run(self) -> None:
        async with AsyncExitStack() as resources:
            redis: Redis | None = None
            if self._redis_url:
                made = redis_client(self._redis_url, socket_timeout=_REDIS_WITHIN_S)
                redis = await resources.enter_async_context(made)
            while self.sees_anything and not self._over:
                self._keep(await self._sample(redis))
                await asyncio.sleep(self._every_s)

    def _keep(self, sample: Sample) -> None:
        self.samples.append(sample)
        if self._log is not None:
            # A disk that takes no more costs the file, not the figures.
            with suppress(OSError), self._log.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(sample) + "\n")

    async def _sample(self, redis: Redis | None) -> Sample:
        sample: Sample = {"at": time.time(), **_processors(), **_memory(self._roots)}
        if redis is not None:
            with suppress(RedisError, OSError):
                info = await redis.info()
                sample["redis_mb"] = round(info["used_memory"] / _MB, 2)
                sample["redis_clients"] = info["connected_clients"]
                sample["redis_channels"] = info["pubsub_channels"] + info["pubsub_patterns"]
                sample["redis_keys"] = await redis.dbsize()
                sample["redis_cpu_s"] = info["used_cpu_sys"] + info["used_cpu_user"]
        return sample


def growth_of(
    samples: Sequence[Sample], bounds: Mapping[str, float], *, settled_s: float = 0.0
) -> list[Growth]:
    """How each measure grew; nothing of a run that was too short to tell.

    What Redis keeps of a job that is over goes after `settled_s`. Where the comparison begins
    before the first has gone, it must grow, and has no bound.
    """
    if len(samples) < _FEWEST:
        return []
    fifth = len(samples) // _FIFTHS
    early, late = samples[fifth : 2 * fifth], samples[-fifth:]
    unsettled = early[0]["at"] - samples[0]["at"] < settled_s
    found = []
    for measure in MEASURES:
        before, after = _values(early, measure), _values(late, measure)
        if before and after:
            bound = None if unsettled and measure in _KEPT_A_WHILE else bounds.get(measure)
            found.append(
                Growth(measure=measure, early=median(before), late=median(after), bound=bound)
            )
    return found


def unjudged(
    sampler: Sampler,
    bounds: Mapping[str, float],
    growth: Iterable[Growth],
    *,
    settled_s: float,
    until_at: float,
) -> list[str]:
    """The bounds that no figure was held against, each with the reason, in words.

    `until_at` is when the run was over: what stopped being sampled long before it tells nothing of
    the rest.
    """
    judged = {one.measure for one in growth if one.bound is not None}
    told = []
    for measure in bounds:
        missing = sampler.why_unseen(measure, until_at=until_at)
        if not missing and measure not in judged:
            missing = _why_too_short(sampler.samples, measure, settled_s)
        if missing:
            told.append(f"the bound on {measure} was not judged: {missing}")
    return told


def _why_too_short(samples: Sequence[Sample], measure: str, settled_s: float) -> str:
    if len(samples) < _FEWEST:
        return f"{len(samples)} samples were taken, {_FEWEST} are needed"
    if measure in _KEPT_A_WHILE:
        return f"the run was too short: what Redis keeps of a job goes after {settled_s:.0f} s"
    return "it was not sampled in the parts of the run that are compared"


def peaks_of(samples: Iterable[Sample]) -> Sample:
    """The highest value of each measure."""
    peaks: Sample = {}
    for sample in samples:
        for measure in MEASURES:
            if measure in sample:
                peaks[measure] = max(peaks.get(measure, 0.0), sample[measure])
    return peaks


def _values(samples: Iterable[Sample], measure: str) -> list[float]:
    return [sample[measure] for sample in samples if measure in sample]


def _processors() -> Sample:
    """Processor seconds so far: of this machine's processors together, and of this process."""
    times = psutil.cpu_times()
    idle_s = times.idle + getattr(times, "iowait", 0.0)
    # Time of guests is in `user` and `nice` already.
    guests_s = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return {"machine_cpu_s": sum(times) - idle_s - guests_s, "own_cpu_s": time.process_time()}


def _memory(roots: Sequence[int]) -> Sample:
    """Resident memory of the roots and everything below, of the largest of them (a worker: a
    master holds nothing), processes, processor time so far."""
    if not roots:
        return {}
    sizes, used_s = list[int](), 0.0
    for root in roots:
        with suppress(psutil.Error):
            top = psutil.Process(root)
            for process in [top, *top.children(recursive=True)]:
                with suppress(psutil.Error):
                    sizes.append(process.memory_info().rss)
                    times = process.cpu_times()
                    used_s += times.user + times.system
    return {
        "rss_mb": round(sum(sizes) / _MB, 1),
        "worker_mb": round(max(sizes, default=0) / _MB, 1),
        "processes": len(sizes),
        "cpu_s": round(used_s, 3),
    }
