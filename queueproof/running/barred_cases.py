"""Cases that a standstill of the target bars: they wait until it was launched anew, or given up."""

from __future__ import annotations

import time
from collections.abc import Sequence

from queueproof.errors import Inconclusive, Violation
from queueproof.history import History
from queueproof.running.collected import Case
from queueproof.running.environment import Environment
from queueproof.running.standstill import MetStandstill, StandstillWatch
from queueproof.targets.job import Job


class BarredCases:
    """What a target that begins no more jobs means for the cases that run, and for those to come.

    Of each case in `waiting` the reason is kept why it was not played.
    """

    def __init__(
        self, environment: Environment, standstills: StandstillWatch, history: History
    ) -> None:
        self.waiting: list[tuple[Case, MetStandstill]] = []
        self._environment = environment
        self._standstills = standstills
        self._history = history

    async def bar(self, case: Case) -> bool:
        """Whether it is no use to play a case now: then it waits.

        A case with a target of its own can always be played.
        """
        environment = self._environment
        if case.mark.closing or (case.mark.alone and environment.lane_count):
            return False
        # One that is ours is launched anew in any case: what is played before is played in vain.
        ours = environment.main_lane is not None
        why = await self._standstills.bars(environment.main, for_one=ours)
        if why is not None:
            self.waiting.append((case, why))
        return why is not None

    def release(self) -> list[tuple[Case, MetStandstill]]:
        """Those that wait, and why each does; none waits any more."""
        released, self.waiting = self.waiting, []
        return released

    async def attribute(
        self, case: Case, error: BaseException | None, jobs: Sequence[Job]
    ) -> BaseException | None:
        """What a case saw may be due to a target that has stopped, and had before the case."""
        main, ended = self._environment.main, time.monotonic()
        operations = self._history.of_case(case.id)
        missed = self._standstills.note(main, case.id, jobs, operations)
        if not missed or not isinstance(error, (Violation, Inconclusive)):
            return error
        found = await self._standstills.judge(error, missed, ended=ended)
        its_own = case.mark.alone and len(missed) < sum(job.system is main for job in jobs)
        return error if its_own else found

    async def set_going_again(self) -> bool:
        """Launch the target anew, for what is to come, where it stands still and is ours."""
        if not self._standstills.stopped(self._environment.main):
            return False
        try:
            replaced = await self._environment.replace_main()
        except Inconclusive as trouble:
            self._standstills.give_up(f"it was launched anew, and {trouble}")
            return False
        if replaced:
            await self._standstills.begin(self._environment.main)
        return replaced
