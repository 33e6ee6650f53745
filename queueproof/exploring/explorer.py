"""An exploration: schedules are written, played side by side, judged, and failures made short."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from itertools import count
from typing import Any

from queueproof.config.model import RunConfig
from queueproof.errors import Inconclusive
from queueproof.executors.executor import Ability
from queueproof.exploring import shapes
from queueproof.exploring.machine import Scope, write_schedules
from queueproof.exploring.possible import expressible, lacking
from queueproof.exploring.shortening import Failure, Shortener
from queueproof.exploring.steps import Schedule, disturbs
from queueproof.exploring.trial import Trial, try_schedule
from queueproof.exploring.watching import Watcher
from queueproof.requirements import Access
from queueproof.running.applicability import access_levels
from queueproof.running.capabilities import find_capabilities
from queueproof.running.environment import Environment
from queueproof.running.strain import StrainMeter
from queueproof.targets.protocol import Role
from queueproof.targets.system import System

_BATCH = 24
_RECENT = 60
_LOOK_AGAIN_S = 60.0
_LONGEST_WAIT_S = 16.0
_CALM_SHARE = 0.7


@dataclass
class TrialCounts:
    """What an exploration did.

    `doubts` are findings that proved nothing, even on a second look, and make the run
    inconclusive; `settled` were only late, and fine on the second look; `unplayed` could not be
    played to their ends at all.
    """

    played: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    doubts: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    unplayed: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def scope_of(
    system: System, config: RunConfig, capabilities: frozenset[str], *, disturb: bool
) -> Scope:
    """What schedules may be made of, by the access that was given."""
    levels = access_levels(config, system)
    timings, target = system.timings, config.target
    patience_s = min(config.patience_s, _LONGEST_WAIT_S)
    abandoned_s = shapes.span_s(shapes.ABANDON, timings)
    return Scope(
        workers="".join(chr(ord("a") + number) for number in range(len(system.workers))),
        shapes=shapes.shapes_within(timings, patience_s),
        abandon=timings.stale_threshold_s > 0 and abandoned_s <= patience_s,
        other="other_user" in capabilities,
        monitor=system.adapter.has(Role.ADMIN),
        flush=system.redis is not None and target.disposable and system.redis.home != 0,
        disturb=disturb and target.disposable and Access.PROCESS in levels and _may_strike(system),
        without=lacking(system),
    )


def _may_strike(system: System) -> bool:
    """Whether workers can be both killed and frozen."""
    if system.workforce is None or system.processes is not None:
        return True
    return {Ability.KILL, Ability.FREEZE} <= system.workforce.executor.abilities


class Explorer:
    """Explores one target until its time is up or a failure was found."""

    def __init__(
        self, environment: Environment, config: RunConfig, watcher: Watcher, *, at_once: int
    ) -> None:
        self.environment = environment
        self.config = config
        self.watcher = watcher
        self.tally = TrialCounts()
        self.capabilities: frozenset[str] = frozenset()
        self._at_once = at_once
        self._names = count(1)
        self._meter = StrainMeter()
        self._suspects: list[Trial] = []
        self._doubtful: list[Trial] = []
        self._recent: deque[Trial] = deque(maxlen=_RECENT)

    async def run(self, *, for_s: float, shrink_s: float, disturb: bool) -> None:
        """Explore for `for_s` seconds; each rule's first failure is shrunk for `shrink_s`."""
        async with self._measured():
            self.capabilities = (await find_capabilities(self.environment)).found
            scope = scope_of(self.environment.main, self.config, self.capabilities, disturb=disturb)
            shapes_here = await expressible(self.environment.main, scope.shapes)
            await self._explore(replace(scope, shapes=shapes_here), for_s)
            await self._shorten(shrink_s)

    async def replay(self, schedule: Schedule) -> Trial:
        """Play one schedule once."""
        async with self._measured():
            self.capabilities = (await find_capabilities(self.environment)).found
            return await self._try_again(schedule)

    @asynccontextmanager
    async def _measured(self) -> AsyncIterator[None]:
        """Measure the strain on the run and on its target meanwhile."""
        meters = [
            asyncio.create_task(self._meter.run()),
            asyncio.create_task(self._meter.feel(self.environment.main.healthy)),
        ]
        try:
            yield
        finally:
            for meter in meters:
                meter.cancel()
            await asyncio.gather(*meters, return_exceptions=True)

    # -- finding ---------------------------------------------------------------------------

    async def _explore(self, scope: Scope, for_s: float) -> None:
        """Calm schedules side by side; those that disturb on a target of their own, or after."""
        began = time.monotonic()
        apart = self.environment.lane_count > 0
        calm_s = for_s if apart or not scope.disturb else for_s * _CALM_SHARE
        calm = self._written(replace(scope, disturb=False))
        rough = (schedule for schedule in self._written(scope) if disturbs(schedule))
        while self._goes_on(began + calm_s):
            turns = [self._take_turns(calm, began + calm_s) for _ in range(self._at_once)]
            if scope.disturb and apart:
                turns.append(self._take_turns(rough, began + calm_s))
            await _all(turns)
            await self._look_again()
        while scope.disturb and self._goes_on(began + for_s):
            await self._take_turns(rough, began + for_s)
            await self._look_again()

    def _goes_on(self, deadline: float) -> bool:
        return time.monotonic() < deadline and not self._suspects

    def _written(self, scope: Scope) -> Iterator[Schedule]:
        """Schedules without end, the same ones for the same seed; each is played once."""
        # Hours write a million of them: known by 8 bytes each, where one takes a kilobyte.
        known: set[bytes] = set()
        for number in count():
            for schedule in write_schedules(scope, seed=self.config.seed + number, number=_BATCH):
                mark = blake2b(repr(schedule).encode(), digest_size=8).digest()
                if mark not in known:
                    known.add(mark)
                    yield schedule

    async def _take_turns(self, written: Iterator[Schedule], deadline: float) -> None:
        while self._goes_on(deadline) and not any(t.judgement.findings for t in self._doubtful):
            schedule = next(written)
            trial = await self._try(schedule)
            self._count(trial)
            if trial.finding is not None:
                self._suspects.append(trial)
                self.watcher.found(trial.finding)

    async def _look_again(self) -> None:
        """Alone, at what was seen under strain; a finding that shows no more stays a doubt."""
        looking, self._doubtful = self._doubtful, []
        until = time.monotonic() + _LOOK_AGAIN_S
        for doubtful in looking:
            again = doubtful
            if time.monotonic() < until and not self._suspects:
                again = await self._try_again(doubtful.schedule)
                self._set_down(again)
            if again.finding is not None:
                self._suspects.append(again)
                self.watcher.found(again.finding)
            elif again.doubt:
                seen = again.judgement.findings or doubtful.judgement.findings
                kept = self.tally.doubts if seen else self.tally.unplayed
                kept.append(f"{again.name}: {again.doubt}")
            else:
                kept = self.tally.doubts if doubtful.judgement.findings else self.tally.settled
                kept.append(f"{doubtful.name}: {doubtful.doubt}; a second look showed nothing")

    async def _try_again(self, schedule: Schedule) -> Trial:
        """Play something that was seen to fail before."""
        return await self._try(schedule, again=True)

    async def _try(self, schedule: Schedule, *, again: bool = False) -> Trial:
        play = partial(
            try_schedule,
            schedule=schedule,
            name=f"schedule-{next(self._names)}",
            meter=self._meter,
            witnessed="witness" in self.capabilities,
            again=again,
        )
        if not disturbs(schedule):
            return await play(self.environment.main)
        try:
            async with self.environment.exclusive(destructive=True) as (system, _):
                return await play(system)
        except Inconclusive as doubt:
            return Trial(name="(not played)", schedule=schedule, doubt=str(doubt))

    def _count(self, trial: Trial) -> None:
        self.tally.played += 1
        self._recent.append(trial)
        self.tally.steps.update(step.kind.value for step in trial.schedule)
        self.tally.judged.update(trial.judgement.judged)
        if trial.doubt:
            self._doubtful.append(trial)
        self._set_down(trial)
        self.watcher.played(self.tally.played, len(self._doubtful) + len(self.tally.doubts))

    def _set_down(self, trial: Trial) -> None:
        """Hours of schedules that broke nothing: what they did is in a file, not in memory."""
        if trial.finding is None:
            self.environment.history.set_down(trial.name)
            self.environment.witness.forget_jobs(trial.keys)

    async def _shorten(self, within_s: float) -> None:
        """One failure for each rule that was broken; the first gets what time it needs."""
        deadline = time.monotonic() + within_s
        by_rule: dict[str, Trial] = {}
        for trial in sorted(self._suspects, key=lambda each: each.took_s * len(each.schedule)):
            assert trial.finding is not None
            by_rule.setdefault(trial.finding.rule, trial)
        for rule, trial in by_rule.items():
            self.watcher.shrinking(rule, len(trial.schedule))
            beside = [other.schedule for other in self._recent if other.overlaps(trial)]
            shortener = Shortener(
                self._try_again, trial, rule, deadline=deadline, at_once=self._at_once
            )
            self.tally.failures.append(await shortener.run(beside))


async def _all(turns: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run them side by side; the first that fails ends the others, and is what is raised."""
    tasks = [asyncio.create_task(turn) for turn in turns]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
