"""The pytest plugin that runs cases side by side in one event loop.

Conformance is mostly waiting. pytest collects, resolves fixtures and reports; between these the
cases run as coroutines of one loop, those that disturb the target on a target of their own or
one by one after the others. Fixtures are filled just before a case starts and must not need
teardown: what a case opens is closed by the environment.

Why not a ready-made plugin: see ARCHITECTURE.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from queueproof.config.model import RunConfig
from queueproof.errors import (
    HarnessError,
    Inconclusive,
    QueueproofError,
    describe_own_error,
    known_error,
)
from queueproof.history import History
from queueproof.reporting.model import CaseResult
from queueproof.requirements import known_ids, load_registry
from queueproof.running.barred_cases import BarredCases
from queueproof.running.capabilities import Capabilities, find_capabilities
from queueproof.running.case_rounds import CaseRounds
from queueproof.running.case_runner import CaseRunner
from queueproof.running.collected import Binding, Case, case_of, unreadable
from queueproof.running.environment import Environment
from queueproof.running.interrupts import heeding, quietly, to_its_end
from queueproof.running.marks import CaseMark
from queueproof.running.progress import Progress
from queueproof.running.result_collector import ResultCollector
from queueproof.running.run_end import RunEnd
from queueproof.running.selection import in_shard
from queueproof.running.standstill import Standstill, StandstillWatch
from queueproof.running.strain import StrainMeter


class ConformanceRun:
    """Plays the collected cases on one target and keeps their results."""

    #: What the fixtures know it by (`queueproof.pytest_plugin`).
    is_queueproof_run = True
    #: Whether it plays what it collects.
    plays = True

    def __init__(self, config: RunConfig, progress: Progress) -> None:
        self.config = config
        self.progress = progress
        self.history = History()
        self.registry = load_registry(config.target.contract)
        self.opened = False
        self.end = RunEnd()
        self.environment = Environment(config, self.history)
        self.able = Capabilities()
        self._meter = StrainMeter()
        self._standstills = StandstillWatch(self._meter)
        self._collector = ResultCollector(config, self.history)
        self._runner = CaseRunner(
            self.environment,
            self.registry,
            seed=config.seed,
            meter=self._meter,
            standstills=self._standstills,
        )

    @property
    def error(self) -> QueueproofError | None:
        """What ended the run and is no case's outcome, if anything did."""
        return self.end.error

    @property
    def interrupted(self) -> str:
        """Why the run was cut short, in words; empty where it was not."""
        return self.end.interrupted

    @property
    def results(self) -> list[CaseResult]:
        """Every case's result so far."""
        return self._collector.results

    @property
    def standstills(self) -> list[Standstill]:
        """Where the target was seen to stop beginning jobs."""
        return self._standstills.seen

    # -- pytest's side ---------------------------------------------------------------------

    def binding(self, node: pytest.Item) -> Binding:
        """What the fixtures of `node` give out."""
        return self._runner.bindings[node.nodeid]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the cases of the selected requirements, and of the shard."""
        rows = self.registry.select(self.config.only, without=self.config.without)
        chosen = {requirement.id for requirement in rows}
        items[:] = [item for item in items if self._is_asked(case_of(item).mark, chosen)]
        kept = in_shard([item.nodeid for item in items], self.config.shard)
        items[:] = [item for item in items if item.nodeid in kept]

    def _is_asked(self, mark: CaseMark, chosen: set[str]) -> bool:
        """Whether a case judges a chosen requirement on this contract, and on what is promised.

        Raises HarnessError for a requirement that no contract has.
        """
        if mark.requirement not in known_ids():
            raise HarnessError(f"no requirement {mark.requirement} is registered")
        target = self.config.target
        here = not mark.contracts or target.contract in mark.contracts
        if target.promises and target.promises.lacking(dict.fromkeys(mark.promises, ())):
            return False
        return here and mark.requirement in chosen

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """An error outside of every case is ours, and no run that had one is a success."""
        error = excinfo.value
        self.end.fail(known_error(error) or HarnessError(describe_own_error(error)))
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be read ends the run: nobody knows what it would have asked."""
        if report.failed:
            self.end.fail(unreadable(report))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything; pytest's own loop is not used."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        cases = [case_of(item) for item in session.items if isinstance(item, pytest.Function)]
        with asyncio.Runner() as runner:
            runner.run(self._run(session, cases))
        return True

    # -- the loop --------------------------------------------------------------------------

    async def _run(self, session: pytest.Session, cases: list[Case]) -> None:
        main = asyncio.current_task()
        assert main is not None

        def stop(why: str) -> None:
            self.end.interrupt(why)
            quietly()
            main.cancel()

        with heeding(lambda name: stop(f"interrupted by {name}")):
            await self._open_and_play(session, cases, main, stop)

    async def _open_and_play(
        self,
        session: pytest.Session,
        cases: list[Case],
        main: asyncio.Task[None],
        stop: Callable[[str], None],
    ) -> None:
        meter = asyncio.create_task(self._meter.run())
        try:
            self.progress.phase("opening the target")
            await self.environment.open()
            self.opened = True
            self.able = await self._find_capabilities()
            await self._standstills.begin(self.environment.main)
            await self._rounds(session, stop).play(cases)
        except QueueproofError as error:
            self.end.error = error
        except Exception as error:  # noqa: BLE001  (whatever it is, it is ours)
            self.end.error = HarnessError(describe_own_error(error))
        except asyncio.CancelledError:
            if not self.interrupted:
                raise
            main.uncancel()
        finally:
            meter.cancel()
            self.progress.phase("tidying up")
            why = self.interrupted or (str(self.error) if self.error else "the run ended early")
            self._collector.close(cases, why)
            if trouble := await to_its_end(self.environment.close()):
                self.end.fail(HarnessError(describe_own_error(trouble)))

    async def _find_capabilities(self) -> Capabilities:
        """That others answer than were asked may show only now; then sorting ends."""
        try:
            return await find_capabilities(self.environment)
        except Inconclusive as front:
            await self.environment.main.fleet.stop_sorting(str(front))
            return await find_capabilities(self.environment)

    def _rounds(self, session: pytest.Session, stop: Callable[[str], None]) -> CaseRounds:
        return CaseRounds(
            session=session,
            config=self.config,
            environment=self.environment,
            registry=self.registry,
            able=self.able,
            progress=self.progress,
            meter=self._meter,
            runner=self._runner,
            barred=BarredCases(self.environment, self._standstills, self.history),
            collector=self._collector,
            end=self.end,
            stop=stop,
        )
