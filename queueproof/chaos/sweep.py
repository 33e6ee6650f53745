"""The sweep: through one job's life, a stroke before and after each of its Redis commands in turn.

Theory: what a scenario meets by chance, a sweep meets by count. One undisturbed life tells which
commands mention the job; then the same life is lived again for each command and each stroke. The
job's id is made by the target, so a command belongs to the life when it names an id that was not
seen before the life began. Lives differ a little from one to the next: a stroke whose command did
not come is shown as not struck.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace

from queueproof.chaos import looks
from queueproof.chaos.deployment import Deployment, open_deployment
from queueproof.chaos.judging import Judgement, judge, unasked_of
from queueproof.chaos.sweep_life import (
    STROKES,
    Cell,
    StruckLife,
    label_of,
    own_commands,
    scenario_for,
    strokes_for,
    warm_up,
)
from queueproof.config.model import RunConfig
from queueproof.errors import (
    CaseOutcome,
    HarnessError,
    Inconclusive,
    QueueproofError,
    UsageError,
    describe_own_error,
    known_error,
)
from queueproof.history import History, current_case
from queueproof.running.interrupts import heeding, quietly
from queueproof.running.strain import Strain, StrainMeter
from queueproof.stack.needs import StackNeeds
from queueproof.targets.contracts import contract_named
from queueproof.targets.witness import Witness
from queueproof.verdicts import Verdict, worst

_LIFE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """What became of one cell; without judgements the stroke did not strike, for `reason`.

    `starvation` is what the harness suffered meanwhile, `earlier` the first look when this is the
    second at something that was seen wrong then.
    """

    cell: Cell
    command: str = ""
    judgements: tuple[Judgement, ...] = ()
    reason: str = ""
    starvation: Strain = field(default_factory=Strain)
    earlier: CellResult | None = None

    @property
    def starved(self) -> bool:
        """Whether something is wrong that the harness was too starved to accuse anybody of."""
        return looks.starved(self.judgements, self.starvation)

    @property
    def verdict(self) -> Verdict:
        """The worst of the requirements; a stroke that did not strike is not assessed."""
        return worst(self.verdict_of(judgement) for judgement in self.judgements)

    @property
    def failing(self) -> list[str]:
        """The requirements that failed."""
        failed = Verdict.FAILED
        return [j.requirement for j in self.judgements if self.verdict_of(j) is failed]

    def verdict_of(self, judgement: Judgement) -> Verdict:
        """A requirement's verdict, the harness's own doubts included."""
        earlier = self._seen_earlier(judgement)
        return looks.verdict_of(judgement, self.starvation, earlier=earlier)

    def doubts(self) -> Iterator[str]:
        """What was seen wrong and accuses nobody, a line a requirement."""
        for judgement in self.judgements:
            earlier = self._seen_earlier(judgement)
            if self.verdict_of(judgement) is not Verdict.INCONCLUSIVE:
                continue
            if self.earlier is not None and earlier is not None:
                told = looks.both_told(self.earlier.starvation, earlier, self.starvation, judgement)
                yield f"{judgement.requirement}: {told}"
            elif judgement.broken:
                told = looks.in_words(judgement.broken)
                yield f"{judgement.requirement}: {self.starvation} while it saw: {told}"

    def _seen_earlier(self, judgement: Judgement) -> Judgement | None:
        if self.earlier is None:
            return None
        return looks.seen_in(self.earlier.judgements, judgement.requirement)


def settled(first: CellResult, second: CellResult) -> CellResult:
    """The outcome of two looks: a stroke that did not strike again leaves the first."""
    if second.judgements:
        return replace(second, earlier=first)
    return replace(first, reason=f"a second look came to nothing: {second.reason}")


@dataclass
class Sweep:
    """One sweep: the life's commands, and a result a cell.

    `planned` is how many cells there are, 0 until the undisturbed life has told. What ended it
    early is in `interrupted` and `error`; the results until then are kept.
    """

    config: RunConfig
    history: History
    tell: Callable[[str], None]
    at_once: int = 5
    commands: list[str] = field(default_factory=list)
    results: list[CellResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    planned: int = 0
    interrupted: str = ""
    error: QueueproofError | None = None
    _meter: StrainMeter = field(default_factory=StrainMeter)

    async def run(self, only: Iterable[Cell] = ()) -> None:
        """Live the undisturbed life, then every cell's, on several stacks side by side.

        Raises what went wrong before any cell was lived.
        """
        main = asyncio.current_task()
        assert main is not None

        def stop(name: str) -> None:
            self.interrupted = self.interrupted or f"interrupted by {name}"
            quietly()
            main.cancel()

        with heeding(stop):
            try:
                await self._sweep(only)
            except asyncio.CancelledError:
                if not self.interrupted:
                    raise
                main.uncancel()
            except Exception as error:
                if not (self.results or self.interrupted):
                    raise
                self.error = known_error(error) or HarnessError(describe_own_error(error))

    @property
    def cut_short(self) -> str:
        """What ended it early, and after how many cells; empty where nothing did."""
        why = self.interrupted or str(self.error or "")
        if not why:
            return ""
        if not self.planned:
            return f"{why} before the first cell"
        return f"{why} after {len(self.results)} of {self.planned} cells"

    async def _sweep(self, only: Iterable[Cell]) -> None:
        witness = Witness(self.history)
        target = self.config.target
        await witness.start_for(target)
        meter = asyncio.create_task(self._meter.run())
        try:
            self.tell("an undisturbed life")
            async with self._deployment(witness) as deployment:
                await self._undisturbed(deployment)
            cells = list(only) or [
                Cell(nth, stroke)
                for stroke in reversed(strokes_for(target))
                for nth in range(1, len(self.commands) + 1)
            ]
            self.planned = len(cells)
            waiting = iter(cells)
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.at_once, len(cells))):
                    group.create_task(self._work_through(waiting, witness))
            await self._look_again(witness)
        finally:
            meter.cancel()
            await witness.stop()

    @property
    def _any_queue(self) -> bool:
        return contract_named(self.config.target.contract).needs_mapping

    def _deployment(self, witness: Witness) -> AbstractAsyncContextManager[Deployment]:
        scenario = scenario_for(None, any_queue=self._any_queue)
        return open_deployment(
            self.config,
            scenario,
            history=self.history,
            witness=witness,
            notes=self.notes,
            needs=StackNeeds(redis_proxies=True),
        )

    async def _undisturbed(self, deployment: Deployment) -> None:
        current_case.set("sweep-undisturbed")
        await warm_up(deployment)
        own = own_commands(deployment)
        await StruckLife(deployment, None).live()
        self.commands = [
            label_of(command) for command in deployment.stack.redis_proxies.commands if own(command)
        ]
        if not self.commands:
            raise Inconclusive(
                "the job's life sent no command that names it: a job is known in Redis by an id "
                "that is a UUID, or 32 hexadecimal digits"
            )

    async def _work_through(self, waiting: Iterator[Cell], witness: Witness) -> None:
        """Take cells until none is left; a stack in which something broke is replaced."""
        for cell in waiting:
            async with self._deployment(witness) as deployment:
                await warm_up(deployment)
                following: Cell | None = cell
                while following is not None:
                    result = await self._one(deployment, following)
                    self.results.append(result)
                    self.tell(f"{len(self.results)} of {self.planned} cells")
                    broken = not result.judgements or result.verdict is not Verdict.PASSED
                    following = None if broken else next(waiting, None)

    async def _look_again(self, witness: Witness) -> None:
        """What was seen wrong by a starved harness is lived once more, alone."""
        for place, first in enumerate(self.results):
            if first.starved:
                self.tell(f"looking again at {first.cell.name}")
                async with self._deployment(witness) as deployment:
                    await warm_up(deployment)
                    again = await self._one(deployment, first.cell, name=f"{first.cell.name}-again")
                self.results[place] = settled(first, again)

    async def _one(self, deployment: Deployment, cell: Cell, *, name: str = "") -> CellResult:
        name, began = name or cell.name, time.monotonic()
        current_case.set(name)
        life = StruckLife(deployment, cell)
        try:
            async with asyncio.timeout(_LIFE_S):
                await life.live()
        except (CaseOutcome, TimeoutError) as trouble:
            return CellResult(cell=cell, reason=str(trouble) or "the life did not end")
        if life.struck is None:
            return CellResult(cell=cell, reason="the command did not come")
        return CellResult(
            cell=cell,
            command=label_of(life.struck),
            judgements=judge(
                self.history.of_case(name),
                self.config.target.contract,
                at_least_once=self.config.target.at_least_once,
                unasked=unasked_of(self.config.target),
            ),
            starvation=self._meter.since(began),
        )


def parse_cells(words: Iterable[str]) -> list[Cell]:
    """Cells by name, such as `12-cut-after`; raises UsageError."""
    strokes = {stroke.name: stroke for stroke in STROKES}
    cells = []
    for word in words:
        nth, _, name = word.removeprefix("sweep-").partition("-")
        if not nth.isdigit() or int(nth) < 1 or name not in strokes:
            raise UsageError(f"--cell {word}: write it like 12-cut-after ({', '.join(strokes)})")
        cells.append(Cell(int(nth), strokes[name]))
    return cells
