"""One exploration from configuration to report and saved schedules."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from queueproof.config.model import RunConfig
from queueproof.errors import describe_own_error, known_error
from queueproof.exploring.explorer import Explorer
from queueproof.exploring.results import result_of
from queueproof.exploring.saving import Where, path_of, save
from queueproof.exploring.steps import numbered
from queueproof.exploring.watching import Watcher, watched
from queueproof.history import History
from queueproof.reporting import write_all
from queueproof.reporting.model import RunResult
from queueproof.running.environment import Environment
from queueproof.running.interrupts import heeding, quietly, to_its_end
from queueproof.running.result_output import tell, told_if_unwritten
from queueproof.running.run_folder import RunFolder
from queueproof.running.screen import Verbosity, telling_of
from queueproof.running.signals import unheard
from queueproof.verdicts import ExitCode

_SHRINK_S = 40.0
_LANES = 2


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """What to explore, for how long, and how to say where in a saved file."""

    config: RunConfig
    where: Where
    minutes: float
    at_once: int
    disturb: bool = True


@dataclass
class _Run:
    """What an exploration leaves behind, however it ended."""

    explorer: Explorer
    history: History
    interrupted: str = ""
    broken: Exception | None = None
    files: list[Path] = field(default_factory=list)


def run_explore(exploration: Exploration, console: Console) -> ExitCode:
    """Explore, save what failed, write the report, print it; returns the exit code.

    Raises TargetUnreachable or UsageError when the target cannot be opened, and when the report is
    written whatever else has ended the exploration before its time.
    """
    config = exploration.config
    run_folder = RunFolder.below(config.out)
    if telling_of(console).verbosity is not Verbosity.QUIET:
        console.print(Text(f"seed {config.seed}"), highlight=False)
    with watched(console) as watcher:
        run = asyncio.run(_run(exploration, watcher, run_folder.path))
    with unheard():
        code = _report(exploration, run, run_folder, console)
    if run.broken is not None:
        raise run.broken
    return code


def _report(
    exploration: Exploration, run: _Run, run_folder: RunFolder, console: Console
) -> ExitCode:
    config = exploration.config
    failures = run.explorer.tally.failures
    run.files = [
        path_of(run_folder.path, failure.finding, number=number)
        for number, failure in enumerate(failures, 1)
    ]
    result = result_of(
        run.explorer,
        run.files,
        config=config,
        history=run.history,
        run_folder=run_folder,
        interrupted=run.interrupted,
        broken=run.broken is not None,
    )
    with told_if_unwritten(result, console):
        try:
            _write(exploration, run, result, run_folder.path)
        finally:
            _print_schedules(run, console)
    tell(result, run_folder.path, console)
    return result.exit_code


def _write(exploration: Exploration, run: _Run, result: RunResult, folder: Path) -> None:
    for failure, path in zip(run.explorer.tally.failures, run.files, strict=True):
        save(
            path,
            failure.finding,
            failure.schedule,
            where=exploration.where,
            seed=exploration.config.seed,
        )
    run.history.write(folder / "history.jsonl.gz")
    write_all(result, folder)


async def _run(exploration: Exploration, watcher: Watcher, folder: Path) -> _Run:
    history = History(folder)
    environment = Environment(_with_few_lanes(exploration.config), history)
    explorer = Explorer(environment, exploration.config, watcher, at_once=exploration.at_once)
    run = _Run(explorer, history)
    main, opened = asyncio.current_task(), False
    assert main is not None

    def stop(name: str) -> None:
        run.interrupted = run.interrupted or f"interrupted by {name}"
        quietly()
        main.cancel()

    with heeding(stop):
        try:
            watcher.phase("opening the target")
            await environment.open()
            opened = True
            watcher.phase("exploring")
            await explorer.run(
                for_s=exploration.minutes * 60,
                shrink_s=_SHRINK_S,
                disturb=exploration.disturb,
            )
        except asyncio.CancelledError:
            if not run.interrupted:
                raise
            main.uncancel()
        except Exception as error:
            if not opened:
                raise
            run.broken = error
            run.interrupted = str(known_error(error) or describe_own_error(error))
        finally:
            watcher.phase("tidying up")
            trouble = await to_its_end(environment.close())
    if trouble is not None:
        raise trouble
    if not opened:
        raise KeyboardInterrupt
    return run


def _with_few_lanes(config: RunConfig) -> RunConfig:
    """Schedules that disturb come one at a time, and two while one is made short."""
    launch = config.target.launch
    if launch is None:
        return config
    lanes = min(launch.lanes, _LANES)
    return replace(
        config, target=replace(config.target, launch=replace(launch, lanes=lanes, later_lanes=0))
    )


def _print_schedules(run: _Run, console: Console) -> None:
    for failure, path in zip(run.explorer.tally.failures, run.files, strict=True):
        again = f"{failure.seen} of {failure.played} replays showed it again"
        kept = f"saved as {path}" if path.exists() else "not saved"
        head = f"{failure.finding.requirement}  {failure.finding.rule}; {again}; {kept}"
        console.print(Text(head, "bold"), soft_wrap=True, highlight=False)
        for line in numbered(failure.schedule):
            console.print(Text(f"  {line}"), soft_wrap=True, highlight=False)
