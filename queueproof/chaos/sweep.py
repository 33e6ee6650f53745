"""The sweep: through one job's life, a stroke before and after each of its Redis commands in turn.

Theory: what a scenario meets by chance, a sweep meets by count. One undisturbed life tells which
commands mention the job; then the same life is lived again for each command and each stroke. The
job's id is made by the target, so a command belongs to the life when it names an id that was not
seen before the life began. Lives differ a little from one to the next: a stroke whose command did
not come is shown as not struck.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from queueproof.chaos.errands import Client
from queueproof.chaos.ground import Ground, open_ground
from queueproof.chaos.judging import Judgement, judge
from queueproof.chaos.moments import Moments
from queueproof.chaos.notes import note_scenario, note_work
from queueproof.chaos.plan import Errand
from queueproof.chaos.scenario import Scenario
from queueproof.chaos.watchers import become_whole
from queueproof.checkers.story import AFTER, BEFORE, DURING, RECOVERY
from queueproof.config.model import RunConfig
from queueproof.errors import CaseOutcome, Inconclusive, UsageError
from queueproof.faults.base import Fault
from queueproof.faults.catalogue import make_fault
from queueproof.history import History, current_case
from queueproof.stack.wire import Act, Deed, Moment, Strike, WireCommand
from queueproof.targets.witness import Witness
from queueproof.verdicts import Verdict, worst

_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HOLD_S = 1.0
_LIFE_S = 60.0
_TICKS, _INTERVAL_S = 3, 0.1
_KILL = {"fault": "kill", "victim": "worker", "replicas": [0]}


@dataclass(frozen=True)
class Stroke:
    """What is done at a command: `deed` is a wire's deed, or `kill` for the job's owner."""

    moment: Moment
    deed: str

    @property
    def name(self) -> str:
        """As the table's head has it, such as `cut-after`."""
        return f"{self.deed}-{self.moment.value}"


STROKES = (
    Stroke(Moment.BEFORE, "cut"),
    Stroke(Moment.AFTER, "cut"),
    Stroke(Moment.AFTER, "hold"),
    Stroke(Moment.AFTER, "drop"),
    Stroke(Moment.BEFORE, "kill"),
    Stroke(Moment.AFTER, "kill"),
)


@dataclass(frozen=True)
class Cell:
    """One command and one stroke; `nth` counts the life's commands from 1."""

    nth: int
    stroke: Stroke

    @property
    def name(self) -> str:
        """As the history calls it."""
        return f"sweep-{self.nth}-{self.stroke.name}"


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
        scenario = _scenario(None)
        return open_ground(self.config, scenario, history=self.history, witness=witness)

    async def _undisturbed(self, ground: Ground) -> None:
        current_case.set("sweep-undisturbed")
        await _warm_up(ground)
        own = _own_commands(ground)
        await _Life(ground, None).live()
        self.commands = [_label(command) for command in ground.stack.wires.commands if own(command)]
        if not self.commands:
            raise Inconclusive("the job's life sent no command that names it")

    async def _work_through(self, waiting: Iterator[Cell], witness: Witness, total: int) -> None:
        """Take cells until none is left; a stack in which something broke is replaced."""
        for cell in waiting:
            async with self._ground(witness) as ground:
                await _warm_up(ground)
                following: Cell | None = cell
                while following is not None:
                    result = await self._one(ground, following)
                    self.results.append(result)
                    self.tell(f"{len(self.results)} of {total} cells")
                    broken = not result.judgements or result.verdict is not Verdict.PASSED
                    following = None if broken else next(waiting, None)

    async def _one(self, ground: Ground, cell: Cell) -> CellResult:
        current_case.set(cell.name)
        life = _Life(ground, cell)
        try:
            async with asyncio.timeout(_LIFE_S):
                await life.live()
        except (CaseOutcome, TimeoutError) as trouble:
            return CellResult(cell=cell, reason=str(trouble) or "the life did not end")
        if life.struck is None:
            return CellResult(cell=cell, reason="the command did not come")
        judgements = judge(self.history.of_case(cell.name))
        return CellResult(cell=cell, command=_label(life.struck), judgements=judgements)


class _Life:
    """One job's life on a stack, with a stroke at one of its commands, or without."""

    def __init__(self, ground: Ground, cell: Cell | None) -> None:
        self.struck: WireCommand | None = None
        self._ground = ground
        self._cell = cell
        self._system = ground.system
        self._moments = Moments(ground.system.history)
        self._kill: Fault | None = None

    async def live(self) -> None:
        """Submit, read both ways, be struck, recover."""
        note_scenario(self._system, _scenario(self._cell))
        strike = self._set_strike() if self._cell else None
        self._moments.begin(BEFORE)
        client = Client(_errand(), self._system, self._moments)
        living = asyncio.create_task(client.run())
        try:
            if strike is not None:
                await self._be_struck(strike, client.has_read, living)
            for phase in (DURING, RECOVERY, AFTER):
                if not self._moments.has_begun(phase):
                    self._moments.begin(phase)
            await living
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
            if strike is not None:
                await self._ground.stack.wires.forget(strike)
        note_work(self._system, [client])

    def _set_strike(self) -> Strike:
        assert self._cell is not None
        stroke = self._cell.stroke
        deed: Deed | Act
        if stroke.deed == "kill":
            self._kill = make_fault(_KILL, self._ground.stack)
            deed = self._kill.apply
        else:
            deed = Deed(stroke.deed)
        return self._ground.stack.wires.strike(
            _own_commands(self._ground), nth=self._cell.nth, moment=stroke.moment, deed=deed
        )

    async def _be_struck(
        self, strike: Strike, read: asyncio.Event, living: asyncio.Task[None]
    ) -> None:
        """Wait for the stroke, let a held answer go, and wait for full service."""
        signs = [asyncio.create_task(sign.wait()) for sign in (strike.struck, read)]
        try:
            await asyncio.wait({*signs, living}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for sign in signs:
                sign.cancel()
        if not strike.struck.is_set():
            return
        self._moments.begin(DURING)
        self.struck = strike.command
        began = time.monotonic()
        if strike.deed is Deed.HOLD:
            await asyncio.sleep(_HOLD_S)
        await strike.release()
        if self._kill is not None:
            await self._kill.heal()
        self._moments.begin(RECOVERY)
        recovering = asyncio.create_task(
            become_whole(self._system, within_s=self._system.timings.recovery_s)
        )
        missing, _ = await recovering
        self._system.history.note(
            "service", missing or "whole", lacking=missing, took_s=time.monotonic() - began
        )
        self._moments.begin(AFTER)


async def _warm_up(ground: Ground) -> None:
    """Jobs of others first: whatever ids they share with a life do not count as its own."""
    within_s = ground.system.timings.recovery_s
    missing, _ = await asyncio.create_task(become_whole(ground.system, within_s=within_s))
    if missing:
        raise Inconclusive(f"service was not whole before the sweep: {missing}")


def _own_commands(ground: Ground) -> Callable[[WireCommand], bool]:
    """Whether a command names a job that was not there until now."""
    old = {found for command in ground.stack.wires.commands for found in _ids(command)}
    own: set[bytes] = set()

    def is_own(command: WireCommand) -> bool:
        new = _ids(command) - old
        if not own and new:
            own.add(min(new))
        return bool(own & new)

    return is_own


def _ids(command: WireCommand) -> set[bytes]:
    return {found for word in command.words for found in _ID.findall(word)}


def _label(command: WireCommand) -> str:
    """A command in the table: its name and the first key that names the job, without the id."""
    word = next((word for word in command.words if _ID.search(word)), b"")
    key = _ID.sub(b"\xe2\x80\xa6", word).decode("utf-8", "replace")
    return f"{command.name} {key}"[:60]


def _scenario(cell: Cell | None) -> Scenario:
    kills = cell is not None and cell.stroke.deed == "kill"
    return Scenario(
        id="sweep",
        title="a stroke at one command",
        verifies="",
        faults=({"fault": "wire"},),
        strikes=(0,) if kills else None,
        silences=kills,
    )


def _errand() -> Errand:
    return Errand(
        number=0,
        phase=BEFORE,
        at_s=0.0,
        via=0,
        read="both",
        read_via=1,
        ticks=_TICKS,
        interval_s=_INTERVAL_S,
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
