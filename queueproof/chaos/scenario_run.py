"""A run of one scenario: its phases, its faults applied, confirmed and healed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from queueproof.chaos.clients import Client
from queueproof.chaos.deployment import Deployment
from queueproof.chaos.metric_watch import MetricWatch
from queueproof.chaos.notes import note_programs, note_scenario, note_work
from queueproof.chaos.phases import Phases
from queueproof.chaos.plan import Plan
from queueproof.chaos.prediction_checks import ready
from queueproof.chaos.prediction_clients import PredictionClient
from queueproof.chaos.prometheus import Prometheus
from queueproof.chaos.scenario import Scenario
from queueproof.chaos.slots_look import at_once_before, note_slots
from queueproof.chaos.watchers import come_still, come_to_rest, ended_programs, watch, watch_member
from queueproof.chaos.whole_service import become_whole, lacking
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING, RECOVERY
from queueproof.errors import Inconclusive
from queueproof.faults.base import Fault
from queueproof.faults.catalogue import make_fault
from queueproof.stack.log_lines import LogFollower
from queueproof.targets.asking import as_it_comes

_MARGIN_S = 30.0
#: A job that a mapping's self-check has cancelled goes on for so long where the cancel, made just
#: as it began, has not taken hold: its worker takes no other meanwhile.
_LEFT_RUNNING_S = 20.0
#: Before the fault a busy machine gets this much more time: it accuses nobody, and saves an outage
#: that is played again for want of processor time.
_UNHURRIED_S = 30.0
Tell = Callable[[str], None]


@dataclass
class Confirmation:
    """What proved that the faults bit, or why nothing did."""

    evidence: list[str] = field(default_factory=list)
    doubt: str = ""


class ScenarioRun:
    """One scenario on one deployment, which nobody else uses where it was `launched` for it."""

    def __init__(
        self,
        scenario: Scenario,
        plan: Plan,
        deployment: Deployment,
        tell: Tell,
        *,
        prometheus: Prometheus | None = None,
        launched: bool = False,
    ) -> None:
        self.scenario = scenario
        self.plan = plan
        self.deployment = deployment
        self.confirmation = Confirmation()
        self._tell = tell
        self._launched = launched
        self._history = deployment.system.history
        self._phases = Phases(self._history)
        self._metrics = MetricWatch(prometheus, scenario.steady_state, self._history)
        self.log = LogFollower(self._history.now_s)
        kind = PredictionClient if self._predicts else Client
        self._clients = [kind(errand, deployment.system, self._phases) for errand in plan.errands]

    @property
    def _predicts(self) -> bool:
        return "predict" in self.deployment.system.adapter.operations

    async def play(self) -> None:
        """All phases; raises Inconclusive when service was not whole to begin with."""
        try:
            await self._play()
        finally:
            await self._metrics.close()

    async def _play(self) -> None:
        note_scenario(self.deployment.system, self.scenario)
        faults = [make_fault(spec, self.deployment.stack) for spec in self.scenario.faults]
        if self._predicts:
            await self._apart(
                ready(self.deployment.system, {errand.probe for errand in self.plan.errands})
            )
        missing = ""
        if self.deployment.system.promises is not None:
            missing = await self._lacking_before()
        await self._expect_steady_state()
        self._phase(BEFORE)
        if self.deployment.system.promises is None:
            missing = await self._apart(lacking(self.deployment.system))
        if missing:
            raise Inconclusive(f"service was not whole before the fault: {missing}")
        async with AsyncExitStack() as resources:
            resources.enter_context(as_it_comes())
            watchers = [
                self._spawn(watch(self.deployment.system, worker))
                for worker in self.deployment.system.workers
            ] + [
                self._spawn(watch_member(self.deployment.system, member))
                for member in self.deployment.system.crew
                if member.url and self.deployment.system.promises is None
            ]
            reading = self._spawn(self.log.follow(self._logs))
            looking = self._spawn(self._metrics.follow())
            errands = [self._spawn(client.run()) for client in self._clients]
            resources.push_async_callback(_end, [*watchers, *errands, reading, looking])
            await asyncio.sleep(self.plan.steady_s)
            await self._outage(faults)
            whole = await self._recover()
            await self._finish(errands)
            await self._look_at_slots(whole=whole)
            keys = [key for client in self._clients for key in client.keys]
            await self._apart(come_still(self.deployment.system, keys))
            for watcher in watchers:
                if watcher.done() and self.deployment.system.promises is None:
                    watcher.result()  # raises: a watcher never ends by itself
            await _end([*watchers, reading, looking])
            await self._metrics.lacking(within_s=self.deployment.system.timings.recovery_s)
            self.log.look(self._logs())
            await self._apart(come_to_rest(self.deployment.system))
        if not self.scenario.faults:
            self.confirmation = self._seen_outlasting()
        note_work(self.deployment.system, self._clients)
        note_programs(self.deployment.system, ended_programs(self.deployment.stack))
        await self.deployment.stack.check()

    async def _expect_steady_state(self) -> None:
        """The metrics may still show what was before; what they never say is waited for in vain."""
        within_s = self.deployment.system.timings.recovery_s
        if unsteady := await self._metrics.lacking(within_s=within_s):
            raise Inconclusive(f"no steady state before the fault: {unsteady}")

    def _logs(self) -> list[tuple[str, Path]]:
        """The logs of the programs that we started, by what reports call them."""
        stack = self.deployment.stack
        programs = dict.fromkeys([*stack.replicas, *stack.crew])
        return [(each.name, each.keeper.log) for each in programs if each.keeper.log is not None]

    async def _lacking_before(self) -> str:
        """A described queue may need a while until every worker has had its turn: so its phase
        begins afterwards, lest all errands begin at once.
        """
        system = self.deployment.system
        within_s = system.timings.recovery_s + _LEFT_RUNNING_S + _UNHURRIED_S
        missing, _ = await self._apart(become_whole(system, within_s=within_s, unhurried=True))
        return str(missing)

    async def _outage(self, faults: list[Fault]) -> None:
        """Apply, wait, confirm; heal in any case, in the reverse order.

        Clients of the outage come when the faults hold: a busy machine, or a distant one, may take
        longer to apply a fault than the fault lasts, and they would all have come before it.
        """
        await self.deployment.stack.check()
        self._phases.announce(DURING)
        self._tell(DURING)
        async with AsyncExitStack() as healing:
            for fault in faults:
                healing.push_async_callback(self._heal, fault)
                await fault.apply()
                self._history.note("fault", f"{fault.name} applied")
            self._history.note("holds", "from")
            self._phases.admit(DURING)
            await asyncio.sleep(self.plan.lasts_s)
            for fault in faults:
                await self._confirm(fault)
            self._history.note("holds", "until")
        self._phase(RECOVERY)

    async def _confirm(self, fault: Fault) -> None:
        try:
            evidence = await fault.confirm()
        except Inconclusive as doubt:
            self.confirmation.doubt = str(doubt)
            self._history.note("fault", f"{fault.name} not confirmed: {doubt}")
            return
        self.confirmation.evidence.append(evidence)
        self._history.note("fault", f"{fault.name} confirmed: {evidence}")

    def _seen_outlasting(self) -> Confirmation:
        """Without a fault, what the scenario is about is that jobs ran which take so long."""
        system = self.deployment.system
        bound_s = system.promises.redelivery_s if system.promises else 0.0
        begun_s = [
            client.errand.probe.duration_s
            for client in self._clients
            if client.errand.probe.duration_s > bound_s
            and any(system.witness.sightings(key) for key in client.keys)
        ]
        if not begun_s:
            return Confirmation(
                doubt=f"no job that takes longer than {bound_s:g} s was seen to run"
            )
        seen = (
            f"no fault: {len(begun_s)} jobs that take {min(begun_s):g} s were begun, and lost ones "
            f"are run again, or told, within {bound_s:g} s"
        )
        return Confirmation(evidence=[seen])

    async def _heal(self, fault: Fault) -> None:
        await asyncio.shield(asyncio.ensure_future(fault.heal()))
        self._history.note("fault", f"{fault.name} healed")

    async def _recover(self) -> bool:
        """Wait for full service; whether it came."""
        await self.deployment.stack.check()
        within_s = self.deployment.system.timings.recovery_s + self._backlog_s
        missing, took_s = await self._apart(become_whole(self.deployment.system, within_s=within_s))
        self._history.note("service", missing or "whole", lacking=missing, took_s=round(took_s, 2))
        self._phase(AFTER)
        return not missing

    async def _look_at_slots(self, *, whole: bool) -> None:
        """Where the queue is ours: others' jobs would take slots, too."""
        system, began_s = self.deployment.system, self._phases.began_s
        if system.promises is None or not self._launched or not whole or not self.scenario.faults:
            return
        pauses = {
            key: client.errand.interval_s
            for client in self._clients
            if not client.errand.fail_times
            for key in client.keys
        }
        before = at_once_before(system, pauses, until_s=began_s(DURING))
        if before > 1:
            lost_s = began_s(RECOVERY) + system.promises.redelivery_s
            await self._apart(note_slots(system, before=before, until_s=lost_s))

    @property
    def _backlog_s(self) -> float:
        """How long slots may be taken by what the outage has held up or struck: no fault."""
        if self.deployment.system.promises is None:
            return 0.0
        return 2 * max((errand.probe.duration_s for errand in self.plan.errands), default=0.0)

    async def _finish(self, errands: list[asyncio.Task[None]]) -> None:
        """Wait for the errands; each bounds itself, the margin is for a harness gone wrong."""
        timings = self.deployment.system.timings
        longest_s = max((errand.lasts_s for errand in self.plan.errands), default=0.0)
        bound_s = 3 * longest_s + timings.recovery_s + timings.owner_death_s + _MARGIN_S
        done, _ = await asyncio.wait(errands, timeout=bound_s) if errands else (set(), set())
        for task in done:
            task.result()

    def _phase(self, name: str) -> None:
        self._phases.begin(name)
        self._tell(name)

    async def _apart(self, doing: Coroutine[Any, Any, Any]) -> Any:
        """In a task of its own, whose facts are not ours."""
        return await asyncio.create_task(doing)

    def _spawn(self, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.create_task(doing)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
