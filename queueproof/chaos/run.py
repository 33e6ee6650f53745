"""A chaos run: scenarios side by side on stacks of their own, each judged, one report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

from queueproof.chaos.contract_traits import traits_of
from queueproof.chaos.deployment import open_deployment
from queueproof.chaos.judging import judge, unasked_of
from queueproof.chaos.outcome import ScenarioResult, settled
from queueproof.chaos.plan import Plan, make_plan
from queueproof.chaos.progress import ChaosProgress
from queueproof.chaos.prometheus import monitoring_of
from queueproof.chaos.queue_plan import has_of, make_queue_plan
from queueproof.chaos.scenario import Scenario, lacking_need
from queueproof.chaos.scenario_run import ScenarioRun
from queueproof.checkers.history_parser import read_story
from queueproof.config.model import RunConfig
from queueproof.errors import (
    CaseOutcome,
    NotAssessed,
    QueueproofError,
    TargetUnreachable,
    describe_own_error,
)
from queueproof.faults.catalogue import describe
from queueproof.history import History, current_case
from queueproof.reporting.outages import SECOND_LOOK
from queueproof.running.interrupts import heeding, quietly
from queueproof.running.selection import STOPPED_AT_FIRST
from queueproof.running.strain import StrainMeter
from queueproof.running.target_options import command_again
from queueproof.targets.witness import Witness
from queueproof.verdicts import Verdict


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing to play: a scenario, its plan if that was recorded, and its name in the history."""

    scenario: Scenario
    name: str
    plan: Plan | None = None


@dataclass
class ChaosRun:
    """Plays parts; `results` holds one entry a part that was begun.

    `where` are the arguments that name the target, with a blank behind them.
    """

    config: RunConfig
    progress: ChaosProgress
    at_once: int = 4
    where: str = ""
    history: History = field(default_factory=History)
    results: dict[str, ScenarioResult] = field(default_factory=dict)
    error: QueueproofError | None = None
    interrupted: str = ""
    _lag: StrainMeter = field(default_factory=StrainMeter)
    _starts: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stop: Callable[[str], None] = lambda _: None

    def play(self, parts: list[Part]) -> None:
        """Play all parts; what went wrong is in `error` and `interrupted`."""
        with asyncio.Runner() as runner:
            runner.run(self._run(parts))

    async def _run(self, parts: list[Part]) -> None:
        main = asyncio.current_task()
        assert main is not None

        def stop(why: str) -> None:
            self.interrupted = self.interrupted or why
            quietly()
            main.cancel()

        self._stop = stop
        with heeding(lambda name: stop(f"interrupted by {name}")):
            await self._play_all(parts, main)

    async def _play_all(self, parts: list[Part], main: asyncio.Task[None]) -> None:
        meter = asyncio.create_task(self._lag.run())
        witness = Witness(self.history)
        target = self.config.target
        try:
            await witness.start_for(target)
            turn = asyncio.Semaphore(self.at_once)
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(self._one(part, witness, turn))
            await self._look_again(parts, witness, turn)
        except asyncio.CancelledError:
            if not self.interrupted:
                raise
            main.uncancel()
        finally:
            meter.cancel()
            await witness.stop()

    async def _one(self, part: Part, witness: Witness, turn: asyncio.Semaphore) -> None:
        async with turn:
            if self.error is not None or self.interrupted:
                return
            current_case.set(part.name)
            began = time.monotonic()
            self.progress.started(part.name, part.scenario)
            result = await self._result(part, witness, began)
            self.results[part.name] = result
            self.progress.finished(part.name, result)
            broken = result.verdict in (Verdict.FAILED, Verdict.ERROR)
            if self.config.stop_at_first and broken and not self.interrupted:
                self._stop(STOPPED_AT_FIRST)

    async def _look_again(
        self, parts: list[Part], witness: Witness, turn: asyncio.Semaphore
    ) -> None:
        """What was seen wrong by a starved harness is played once more, alone; both looks count."""
        for part in parts:
            result = self.results.get(part.name)
            if result is not None and result.starved:
                again = replace(part, name=f"{part.name}{SECOND_LOOK}")
                await self._one(again, witness, turn)
                second = self.results.pop(again.name, None)
                if second is not None:
                    self.results[part.name] = settled(result, second)

    async def _result(self, part: Part, witness: Witness, began: float) -> ScenarioResult:
        """Play one part and judge it, whatever becomes of it."""
        scenario = part.scenario
        plan = part.plan or self._plan(scenario)
        play: ScenarioRun | None = None
        judged_from = began
        failure: Verdict | None = None
        reason = ""
        notes: list[str] = []
        try:
            if need := lacking_need(scenario, self.config.target, launched=self.config.embedded):
                raise NotAssessed(need)
            async with AsyncExitStack() as resources:
                opening = open_deployment(
                    self.config, scenario, history=self.history, witness=witness, notes=notes
                )
                # Programs that start take processors away from what is judged beside them.
                async with self._starts:
                    deployment = await resources.enter_async_context(opening)
                judged_from = time.monotonic()
                scenario = scenario.reaching(deployment.crew_indexes)
                play = ScenarioRun(
                    scenario,
                    plan,
                    deployment,
                    lambda phase: self.progress.phase(part.name, phase),
                    prometheus=monitoring_of(self.config.target) if scenario.steady_state else None,
                    launched=self.config.embedded,
                )
                await play.play()
        except CaseOutcome as outcome:
            failure, reason = outcome.verdict, str(outcome)
        except TargetUnreachable as error:
            failure, reason = Verdict.INCONCLUSIVE, str(error)
            self._note_error(error, fatal=not self.config.embedded)
        except QueueproofError as error:
            failure, reason = Verdict.ERROR, str(error)
            self._note_error(error, fatal=play is None)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is ours)
            failure, reason = Verdict.ERROR, describe_own_error(error)
        judged = play is not None and failure is None
        confirmation = play.confirmation if play else None
        operations = self.history.of_case(part.name) if judged else []
        return ScenarioResult(
            name=part.name,
            scenario=scenario,
            plan=plan,
            judgements=judge(
                operations,
                self.config.target.contract,
                at_least_once=self.config.target.at_least_once,
                unasked=unasked_of(self.config.target, scenario),
            )
            if judged
            else (),
            outage=read_story(operations) if judged else None,
            fault=", then ".join(describe(spec) for spec in scenario.faults) or "none",
            confirmation=tuple(confirmation.evidence) if confirmation else (),
            doubt=confirmation.doubt if confirmation else "",
            reason=reason,
            failure=failure,
            starvation=self._lag.since(judged_from),
            duration_s=time.monotonic() - began,
            reproduce=self._reproduce(scenario),
            notes=tuple(notes),
            log=play.log if play else None,
        )

    def _plan(self, scenario: Scenario) -> Plan:
        target = self.config.target
        lasts_s, seed = scenario.lasts_s(target.timings, target.promises), self.config.seed
        if target.promises is None:
            traits = traits_of(target.contract)
            return make_plan(scenario, lasts_s=lasts_s, seed=seed, traits=traits)
        programs = scenario.replicas if self.config.embedded else target.workers or 1
        slots = programs * target.worker_slots
        return make_queue_plan(
            scenario, lasts_s=lasts_s, seed=seed, slots=slots, has=has_of(target)
        )

    def _note_error(self, error: QueueproofError, *, fatal: bool) -> None:
        """An error before anything could be played ends the run: the next part would fail too."""
        if fatal and self.error is None:
            self.error = error

    def _reproduce(self, scenario: Scenario) -> str:
        command = "lab" if self.config.lab else "chaos"
        return command_again(self.config, command, "--only", scenario.id)
