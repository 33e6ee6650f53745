"""A load run from configuration to report."""

from __future__ import annotations

import asyncio
import platform
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from queueproof import __version__
from queueproof.config.model import RunConfig, Timings
from queueproof.errors import QueueproofError
from queueproof.load import csv_report, saving
from queueproof.load.entry import entry_of
from queueproof.load.generating import Ways, generate
from queueproof.load.ground import Ground, open_ground
from queueproof.load.judging import Judgement, judge
from queueproof.load.profile import Profile
from queueproof.load.records import Records, read_records
from queueproof.load.schedule import Stretch
from queueproof.load.ticket import Bounds, Limits, Ticket
from queueproof.reporting import write_all
from queueproof.reporting.model import Coverage, RunInfo, RunResult, TargetInfo
from queueproof.reporting.terminal import render
from queueproof.running.gate import forget_folder, report_folder
from queueproof.verdicts import ExitCode, exit_code_for

_WINDOWS = 240


@dataclass(frozen=True, kw_only=True)
class LoadConfig:
    """One invocation of `queueproof load`."""

    run: RunConfig
    profile: Profile
    processes: int = 1
    limits: Limits = field(default_factory=Limits)
    ways: Ways = field(default_factory=Ways)


@dataclass(frozen=True, kw_only=True)
class Played:
    """A profile that was played, and what came of it."""

    config: LoadConfig
    ticket: Ticket
    ground: Ground
    records: Records
    judgement: Judgement


def run_load(config: LoadConfig, console: Console) -> ExitCode:
    """Play the profile, write the report, print it; returns the exit code."""
    started, began_s = datetime.now(UTC), time.monotonic()
    folder = report_folder(config.run.out, started)
    try:
        played = asyncio.run(play(config, folder))
    except QueueproofError:
        forget_folder(folder)
        raise
    result = result_of(played, started, time.monotonic() - began_s)
    saving.write_history(played.records.rows, played.judgement.findings, folder)
    csv_report.write(result.profiles[0], folder)
    paths = write_all(result, folder)
    console.print(render(result, report=paths["report.html"]))
    return result.exit_code


async def play(config: LoadConfig, folder: Path) -> Played:
    """Prepare the target, play the profile on it, judge what was measured."""
    async with open_ground(config.run, config.profile.errands) as ground:
        ticket = ticket_for(config, ground, folder)
        await generate(ticket, config.ways)
        records = read_records(folder, processes=ticket.processes)
    return Played(
        config=config,
        ticket=ticket,
        ground=ground,
        records=records,
        judgement=judge(config.profile, records),
    )


def ticket_for(config: LoadConfig, ground: Ground, folder: Path) -> Ticket:
    """What the generator needs to know."""
    profile = config.profile
    stretches = tuple(
        Stretch(
            name=stage.name,
            lasts_s=stage.share * profile.duration_s,
            rate=stage.rate * profile.rate,
            to=(stage.rate if stage.to is None else stage.to) * profile.rate,
        )
        for stage in profile.stages
    )
    return Ticket(
        contract=ground.target.contract,
        profile=profile.id,
        urls=ground.target.urls,
        folder=str(folder.resolve()),
        errands=profile.errands,
        scripts=ground.scripts,
        stretches=stretches,
        spacing=profile.spacing,
        seed=config.run.seed,
        processes=config.processes,
        window_s=max(1.0, profile.duration_s / _WINDOWS),
        limits=config.limits,
        bounds=bounds_under(ground.target.timings),
    )


def bounds_under(timings: Timings) -> Bounds:
    """How long the generator waits for a target with these timings."""
    return Bounds(
        answer_s=4 * timings.answer_s,
        poll_s=timings.poll_hold_s + 4 * timings.answer_s,
        end_s=max(60.0, timings.startup_grace_s + 4 * timings.answer_s),
        reclaimed_s=timings.stale_threshold_s + 2 * timings.watchdog_interval_s,
    )


def result_of(played: Played, started: datetime, duration_s: float) -> RunResult:
    """The run in the result model."""
    config, judgement, target = played.config, played.judgement, played.ground.target
    entry = entry_of(
        config.profile,
        judgement,
        played.records,
        played.ticket.stretches,
        window_s=played.ticket.window_s,
    )
    return RunResult(
        kind="load",
        run=RunInfo(
            id=started.strftime("%Y%m%d-%H%M%S"),
            started_at=started.isoformat(timespec="seconds"),
            duration_s=round(duration_s, 2),
            command="queueproof " + " ".join(sys.argv[1:]),
            seed=config.run.seed,
            tool_version=__version__,
            python=platform.python_version(),
        ),
        target=TargetInfo(
            contract=target.contract,
            urls=("embedded reference",) if config.run.embedded else target.urls,
            version=played.ground.version,
            workers=(),
            timings=target.timings.as_dict(),
            access=("http",),
        ),
        verdict=judgement.verdict,
        exit_code=exit_code_for(judgement.verdict),
        requirements=(),
        coverage=Coverage(notes=judgement.reasons),
        profiles=(entry,),
    )
