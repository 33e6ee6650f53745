"""One job's life on a stack, with a stroke at one of its Redis commands, or without.

Theory: the job's id is made by the target, so a command belongs to the life when it names an id
that was not seen before the life began.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from queueproof.chaos.clients import Client
from queueproof.chaos.deployment import Deployment
from queueproof.chaos.notes import note_scenario, note_work
from queueproof.chaos.phases import Phases
from queueproof.chaos.plan import Errand
from queueproof.chaos.scenario import Scenario
from queueproof.chaos.whole_service import become_whole
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING, RECOVERY
from queueproof.config.model import TargetConfig
from queueproof.errors import Inconclusive
from queueproof.faults.base import Fault
from queueproof.faults.catalogue import make_fault
from queueproof.stack.redis_proxy.proxy import Act, Action, Injection, Moment, RedisCommand
from queueproof.targets.asking import as_it_comes
from queueproof.targets.contracts import contract_named

#: A UUID, with or without hyphens, and no part of a longer digest, such as that of a script.
_ID = re.compile(
    rb"(?<![0-9a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])"
)
_HOLD_S = 1.0
_TICKS, _INTERVAL_S = 3, 0.1
#: A job whose worker is lost is judged if it was not nearly over.
_QUEUE_TICKS, _QUEUE_INTERVAL_S = 5, 0.3
_KILL = {"fault": "kill", "victim": "worker", "replicas": [0]}
#: Of any queue: replica 0 is its front, and the one worker program stands beside it.
_KILL_PROGRAM = {"fault": "kill", "process": "replica", "replicas": [1]}


@dataclass(frozen=True)
class Stroke:
    """What is done at a command: an `action` of a Redis proxy, or `kill` for the job's owner."""

    moment: Moment
    action: str

    @property
    def name(self) -> str:
        """As the table's head has it, such as `cut-after`."""
        return f"{self.action}-{self.moment.value}"


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


class StruckLife:
    """One job's life on a stack, with a stroke at one of its commands, or without."""

    def __init__(self, deployment: Deployment, cell: Cell | None) -> None:
        self.struck: RedisCommand | None = None
        self._deployment = deployment
        self._cell = cell
        self._system = deployment.system
        self._any_queue = deployment.system.promises is not None
        self._phases = Phases(deployment.system.history)
        self._kill: Fault | None = None

    async def live(self) -> None:
        """Submit, read (both ways, where there are two), be struck, recover."""
        with as_it_comes() if self._any_queue else nullcontext():
            await self._live()

    async def _live(self) -> None:
        note_scenario(self._system, scenario_for(self._cell, any_queue=self._any_queue))
        injection = self._set_injection() if self._cell else None
        self._phases.begin(BEFORE)
        client = Client(_errand(any_queue=self._any_queue), self._system, self._phases)
        living = asyncio.create_task(client.run())
        try:
            if injection is not None:
                await self._be_struck(injection, client.has_read, living)
            for phase in (DURING, RECOVERY, AFTER):
                if not self._phases.has_begun(phase):
                    self._phases.begin(phase)
            await living
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
            if injection is not None:
                await self._deployment.stack.redis_proxies.forget(injection)
        note_work(self._system, [client])

    def _set_injection(self) -> Injection:
        assert self._cell is not None
        stroke = self._cell.stroke
        action: Action | Act
        if stroke.action == "kill":
            kill = _KILL_PROGRAM if self._any_queue else _KILL
            self._kill = make_fault(kill, self._deployment.stack)
            action = self._kill.apply
        else:
            action = Action(stroke.action)
        return self._deployment.stack.redis_proxies.inject(
            own_commands(self._deployment), nth=self._cell.nth, moment=stroke.moment, action=action
        )

    async def _be_struck(
        self, injection: Injection, read: asyncio.Event, living: asyncio.Task[None]
    ) -> None:
        """Wait for the stroke, let a held answer go, and wait for full service."""
        signs = [asyncio.create_task(sign.wait()) for sign in (injection.struck, read)]
        try:
            await asyncio.wait({*signs, living}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for sign in signs:
                sign.cancel()
        if not injection.struck.is_set():
            return
        self._phases.begin(DURING)
        self.struck = injection.command
        began = time.monotonic()
        if injection.action is Action.HOLD:
            await asyncio.sleep(_HOLD_S)
        await injection.release()
        if self._kill is not None:
            await self._kill.heal()
        self._phases.begin(RECOVERY)
        recovering = asyncio.create_task(
            become_whole(self._system, within_s=self._system.timings.recovery_s)
        )
        missing, _ = await recovering
        self._system.history.note(
            "service", missing or "whole", lacking=missing, took_s=time.monotonic() - began
        )
        self._phases.begin(AFTER)


async def warm_up(deployment: Deployment) -> None:
    """Jobs of others first: whatever ids they share with a life do not count as its own."""
    within_s = deployment.system.timings.recovery_s
    missing, _ = await asyncio.create_task(become_whole(deployment.system, within_s=within_s))
    if missing:
        raise Inconclusive(f"service was not whole before the sweep: {missing}")


def own_commands(deployment: Deployment) -> Callable[[RedisCommand], bool]:
    """Whether a command names a job that was not there until now.

    The first command of any queue's job may name more than its id: the message that carries it, and
    the witness's key, which is ours. All these are the job's own.
    """
    whole = deployment.system.promises is not None
    old = {found for command in deployment.stack.redis_proxies.commands for found in _ids(command)}
    own: set[bytes] = set()

    def is_own(command: RedisCommand) -> bool:
        new = _ids(command) - old
        if not own and new:
            own.update(new if whole else {min(new)})
        return bool(own & new)

    return is_own


def _ids(command: RedisCommand) -> set[bytes]:
    return {found for word in command.words for found in _ID.findall(word)}


def label_of(command: RedisCommand) -> str:
    """A command in the table: its name and the first key that names the job, without the id."""
    word = next((word for word in command.words if _ID.search(word)), b"")
    key = _ID.sub(b"\xe2\x80\xa6", word).decode("utf-8", "replace")
    return f"{command.name} {key}"[:60]


def strokes_for(target: TargetConfig) -> tuple[Stroke, ...]:
    """What can be done to a target: workers are killed that are programs of their own, or known
    by their jobs.
    """
    any_queue = contract_named(target.contract).needs_mapping
    alone = any_queue and not (target.launch and target.launch.worker_command)
    return tuple(stroke for stroke in STROKES if not (alone and stroke.action == "kill"))


def scenario_for(cell: Cell | None, *, any_queue: bool = False) -> Scenario:
    """The outage of one cell; any queue has one worker, so that it is the job's."""
    kills = cell is not None and cell.stroke.action == "kill"
    return Scenario(
        id="sweep",
        title="a stroke at one command",
        verifies="",
        faults=(),
        affected_replicas=((1,) if any_queue else (0,)) if kills else None,
        unresponsive=kills and not any_queue,
        replicas=1 if any_queue else 2,
    )


def _errand(*, any_queue: bool) -> Errand:
    return Errand(
        number=0,
        phase=BEFORE,
        at_s=0.0,
        via=0,
        read="poll" if any_queue else "both",
        read_via=0 if any_queue else 1,
        ticks=_QUEUE_TICKS if any_queue else _TICKS,
        interval_s=_QUEUE_INTERVAL_S if any_queue else _INTERVAL_S,
    )
