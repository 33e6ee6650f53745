"""From a trial that broke a rule to the shortest schedule that breaks it again, alone."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from queueproof.exploring.model import ModelFinding
from queueproof.exploring.shrinking import mixtures, shrink
from queueproof.exploring.steps import Schedule
from queueproof.exploring.trial import Trial

_REPLAYS = 3
_REPLAY_S = 15.0


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A schedule under which something happened that may not, and the shortest that still shows it.

    `seen` of `played` replays of the short one, one after another, showed it again.
    """

    finding: ModelFinding
    schedule: Schedule
    original: Schedule
    trial: Trial
    seen: int
    played: int


class Shortener:
    """Makes one failure short; `deadline` is an instant of the monotonic clock."""

    def __init__(
        self,
        play: Callable[[Schedule], Awaitable[Trial]],
        trial: Trial,
        rule: str,
        *,
        deadline: float,
        at_once: int,
    ) -> None:
        self._play = play
        self._trial = trial
        self._rule = rule
        self._deadline = deadline
        self._at_once = at_once
        self._latest: dict[Schedule, Trial] = {trial.schedule: trial}

    async def run(self, beside: Sequence[Schedule]) -> Failure:
        """The failure; `beside` are the schedules that were played at its time.

        Candidates that are played side by side may harm one another, so what is found that way
        must fail alone as well; else they are tried one by one.
        """
        short = await self._shrunk(self._trial.schedule, self._at_once)
        if not await self._fails(short):
            short = await self._alone_or_in_company(beside)
        seen, played = await self._replayed(short)
        shown = self._latest[short]
        return Failure(
            finding=next(f for f in shown.judgement.findings if f.rule == self._rule),
            schedule=short,
            original=self._trial.schedule,
            trial=shown,
            seen=seen,
            played=played,
        )

    async def _alone_or_in_company(self, beside: Sequence[Schedule]) -> Schedule:
        """What fails with nothing beside it: the trial itself, or mixed with one of the others."""
        original = self._trial.schedule
        for candidate in (original, *mixtures(original, beside)):
            if time.monotonic() > self._deadline:
                break
            if await self._fails(candidate):
                return await self._shrunk(candidate, 1)
        return original

    async def _shrunk(self, schedule: Schedule, at_once: int) -> Schedule:
        left_s = self._deadline - time.monotonic()
        return await shrink(schedule, self._fails, within_s=left_s, at_once=at_once)

    async def _replayed(self, schedule: Schedule) -> tuple[int, int]:
        """How often it fails in how many plays, alone, one after another."""
        seen, played = 0, 0
        until = time.monotonic() + _REPLAY_S
        while not played or (played < _REPLAYS and time.monotonic() < until):
            seen += await self._fails(schedule)
            played += 1
        return seen, played

    async def _fails(self, schedule: Schedule) -> bool:
        again = await self._play(schedule)
        if again.breaks(self._rule):
            self._latest[schedule] = again
        return again.breaks(self._rule)
