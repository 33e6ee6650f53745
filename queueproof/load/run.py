"""A load run from configuration to report."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from queueproof.config.model import RunConfig
from queueproof.errors import QueueproofError, UsageError
from queueproof.load import csv_report
from queueproof.load.entry import entry_of
from queueproof.load.playing import Played, Playing, play
from queueproof.load.run_spec import STOP_FILE
from queueproof.load.target_under_load import TargetUnderLoad, open_target_under_load
from queueproof.reporting import write_all
from queueproof.reporting.charts import charts_of
from queueproof.reporting.drawing import DrawnLine, line_plot
from queueproof.reporting.files import replace_file
from queueproof.reporting.model import Coverage, RunResult, TargetInfo
from queueproof.running.interrupts import heeding
from queueproof.running.result_output import tell, told_if_unwritten
from queueproof.running.run_folder import RunFolder
from queueproof.running.signals import unheard
from queueproof.running.target_options import command_again
from queueproof.verdicts import ExitCode, exit_code_for


@dataclass(frozen=True, kw_only=True)
class LoadConfig:
    """One invocation of `queueproof load`; `plots` is a folder for drawings besides the report."""

    run: RunConfig
    playing: Playing
    plots: Path | None = None


def run_load(config: LoadConfig, console: Console) -> ExitCode:
    """Play the profile, write the report, print it; returns the exit code."""
    run_folder = RunFolder.below(config.run.out)
    try:
        under_load, played = asyncio.run(_run(config, run_folder.path, console))
    except QueueproofError:
        run_folder.expect_room()
        run_folder.forget()
        raise
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    with unheard():
        result = result_of(config, under_load, played, run_folder)
        with told_if_unwritten(result, console):
            if played.unwritten:
                raise UsageError(f"{played.unwritten}; choose another place with --out")
            csv_report.write(result.profiles[0], run_folder.path)
            write_all(result, run_folder.path)
        return _told(config, result, run_folder, console)


def _told(
    config: LoadConfig, result: RunResult, run_folder: RunFolder, console: Console
) -> ExitCode:
    tell(result, run_folder.path, console)
    if config.plots is not None:
        # Last: a folder that cannot be written to must not cost the report.
        write_plots(result.profiles[0], config.plots)
    return result.exit_code


def result_of(
    config: LoadConfig, under_load: TargetUnderLoad, played: Played, run_folder: RunFolder
) -> RunResult:
    """The run in the result model."""
    target, judgement = under_load.target, played.judgement
    entry = entry_of(
        played.profile,
        judgement,
        played.evidence,
        played.spec.stretches,
        window_s=played.spec.window_s,
        samples=played.samples,
    )
    stopped = played.evidence.records.stopped
    return RunResult(
        kind="load",
        run=run_folder.info(
            seed=config.run.seed,
            interrupted=stopped if stopped.startswith("interrupted") else "",
            command="" if config.run.lab else command_again(config.run, "load"),
        ),
        target=TargetInfo(
            contract=target.contract,
            urls=config.run.places,
            version=under_load.version,
            workers=(),
            timings=target.timings.as_dict(),
            access=("http", "redis") if target.redis_url else ("http",),
        ),
        verdict=judgement.verdict,
        exit_code=exit_code_for(judgement.verdict),
        requirements=(),
        coverage=Coverage(notes=(*judgement.reasons, *under_load.notes)),
        profiles=(entry,),
    )


def write_plots(entry: dict[str, Any], folder: Path) -> None:
    """The profile's charts as SVG files, named for the profile and what they show."""
    for chart in charts_of(entry):
        lines = [
            DrawnLine(
                each["label"],
                [(x, y) for x, y in zip(chart.x, each["values"], strict=True) if y is not None],
            )
            for each in chart.series
        ]
        drawn = [line for line in lines if line.points]
        if drawn:
            name = f"{entry['id']}-{chart.title.lower().replace(' ', '-')}.svg"
            title = f"{entry['id']}: {chart.title.lower()}"
            drawing = line_plot(title, drawn, x_label=chart.x_label, y_label=chart.y_label)
            replace_file(folder / name, drawing)


async def _run(
    config: LoadConfig, folder: Path, console: Console
) -> tuple[TargetUnderLoad, Played]:
    async with open_target_under_load(config.run, config.playing.profile.errands) as under_load:
        with _stopping_gently(folder):
            place = next(iter(config.run.places), "")
            played = await play(config.playing, under_load, folder, console, place=place)
            return under_load, played


@contextmanager
def _stopping_gently(folder: Path) -> Iterator[None]:
    """The first signal ends the arrivals, and the run is reported; the second ends everything."""
    main = asyncio.current_task()
    assert main is not None

    def stop(name: str) -> None:
        known = (folder / STOP_FILE).exists()
        with suppress(OSError):
            (folder / STOP_FILE).write_text(f"interrupted by {name}", "utf-8")
        if known or not (folder / STOP_FILE).exists():
            main.cancel()

    try:
        with heeding(stop):
            yield
    finally:
        (folder / STOP_FILE).unlink(missing_ok=True)
