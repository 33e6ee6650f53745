"""The sweep: through one job's life, a stroke before and after each of its Redis commands in turn.

Theory: what a scenario meets by chance, a sweep meets by count. One undisturbed life tells which
commands mention the job; then the same life is lived again for each command and each stroke. The
job's id is made by the target, so a command belongs to the life when it names an id that was not
seen before the life began. Lives differ a little from one to the next: a stroke whose command did
not come is shown as not struck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from queueproof.chaos.ground import Ground, open_ground
from queueproof.chaos.judging import Judgement, judge
from queueproof.chaos.sweep_life import (
    STROKES,
    Cell,
    StruckLife,
    label_of,
    own_commands,
    scenario_for,
    warm_up,
)
from queueproof.config.model import RunConfig
from queueproof.errors import CaseOutcome, Inconclusive, UsageError
from queueproof.history import History, current_case
from queueproof.targets.witness import Witness
from queueproof.verdicts import Verdict, worst

_LIFE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """What became of one cell; without judgements the stroke did not strike, for `reason`."""

    cell: Cell
    command: str = ""
    judgements: tuple[Judgement, ...] = ()
    reason: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst of the requirements; a stroke that did not strike is not assessed."""
        return worst(judgement.verdict for judgement in self.judgements)

    @property
    def failing(self) -> list[str]:
        """The requirements that failed."""
        return [j.requirement for j in self.judgements if j.verdict is Verdict.FAILED]


@dataclass
class Sweep:
    """One sweep: the life's commands, and a result a cell."""

    config: RunConfig
    history: History
    tell: Callable[[str], None]
    at_once: int = 5
    commands: list[str] = field(default_factory=list)
    results: list[CellResult] = field(default_factory=list)

    async def run(self, only: Iterable[Cell] = ()) -> None:
        """Live the undisturbed life, then every cell's, on several stacks side by side."""
        witness = Witness(self.history)
        target = self.config.target
        await witness.start(target.witness_host, target.witness_port)
        try:
            self.tell("an undisturbed life")
            async with self._ground(witness) as ground:
                await self._undisturbed(ground)
            cells = list(only) or [
                Cell(nth, stroke)
                for stroke in reversed(STROKES)
                for nth in range(1, len(self.commands) + 1)
            ]
            waiting = iter(cells)
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.at_once, len(cells))):
                    group.create_task(self._work_through(waiting, witness, len(cells)))
        finally:
            await witness.stop()

    def _ground(self, witness: Witness) -> AbstractAsyncContextManager[Ground]:
        scenario = scenario_for(None)
        return open_ground(self.config, scenario, history=self.history, witness=witness)

    async def _undisturbed(self, ground: Ground) -> None:
        current_case.set("sweep-undisturbed")
        await warm_up(ground)
        own = own_commands(ground)
        await StruckLife(ground, None).live()
        self.commands = [
            label_of(command) for command in ground.stack.wires.commands if own(command)
        ]
        if not self.commands:
            raise Inconclusive("the job's life sent no command that names it")

    async def _work_through(self, waiting: Iterator[Cell], witness: Witness, total: int) -> None:
        """Take cells until none is left; a stack in which something broke is replaced."""
        for cell in waiting:
            async with self._ground(witness) as ground:
                await warm_up(ground)
                following: Cell | None = cell
                while following is not None:
                    result = await self._one(ground, following)
                    self.results.append(result)
                    self.tell(f"{len(self.results)} of {total} cells")
                    broken = not result.judgements or result.verdict is not Verdict.PASSED
                    following = None if broken else next(waiting, None)

    async def _one(self, ground: Ground, cell: Cell) -> CellResult:
        current_case.set(cell.name)
        life = StruckLife(ground, cell)
        try:
            async with asyncio.timeout(_LIFE_S):
                await life.live()
        except (CaseOutcome, TimeoutError) as trouble:
            return CellResult(cell=cell, reason=str(trouble) or "the life did not end")
        if life.struck is None:
            return CellResult(cell=cell, reason="the command did not come")
        judgements = judge(self.history.of_case(cell.name))
        return CellResult(cell=cell, command=label_of(life.struck), judgements=judgements)


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
