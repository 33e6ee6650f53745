"""`queueproof explore`: exploratory tests with generated schedules, against one target."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from queueproof.cli import options
from queueproof.cli.option_groups import OUTPUT, TARGET, Output, WhichTarget, with_groups
from queueproof.config.kinds import Whole
from queueproof.errors import CaseOutcome
from queueproof.extras import require, require_for_launch
from queueproof.verdicts import ExitCode, exit_code_for

if TYPE_CHECKING:
    from queueproof.exploring.saving import Where

_EMBEDDED_AT_ONCE = 12


@with_groups
def explore(
    which: WhichTarget = TARGET,
    workers: options.Workers = None,
    replay_file: Annotated[
        Path | None,
        typer.Option(
            "--replay",
            metavar="FILE",
            help="Play one saved schedule instead of looking for new ones.",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    duration: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="How long to look, at most: 90s, 10m.",
            rich_help_panel=options.PLAYING,
        ),
    ] = "2m",
    seed: options.Seed = None,
    parallel: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Schedules side by side; by default the target's cases_at_once.",
            rich_help_panel=options.PLAYING,
        ),
    ] = None,
    calm: Annotated[
        bool,
        typer.Option(
            "--calm",
            help="Leave the workers' processes alone in any case.",
            rich_help_panel=options.PLAYING,
        ),
    ] = False,
    output: Output = OUTPUT,
) -> None:
    """Look for faults with **generated schedules**.

    A rule-based state machine writes short schedules of submits, polls, streams, cancels, dropped
    connections and waits through any worker; a model says what may be observed. The first failure
    is made short, printed, and saved as a pytest file that plays it again.

    Examples:

    - `queueproof explore --duration 10m`

    - `queueproof explore http://127.0.0.1:7860 --seed 7`

    - `queueproof explore --replay reports/out/20261122-101500/test_poll_003_polls_order_1.py`
    """
    require("explore", "queueproof explore")
    from queueproof.exploring.exploration import Exploration, run_explore
    from queueproof.exploring.replaying import config_of
    from queueproof.exploring.saving import Where
    from queueproof.running.readiness import await_target
    from queueproof.running.target_options import settings_of

    screen = output.screen()
    lasts_s = options.seconds_of(duration)
    options.checked(Whole(least=1, most=1000), parallel, "--parallel")
    where = Where(
        contract=which.contract or "",
        urls=tuple(which.urls or ()),
        config=str(which.config.resolve()) if which.config else "",
        settings=settings_of(which.setting or ()),
        workers=workers,
        redis_url=which.redis_url,
        ca=str(Path(which.ca).resolve()) if which.ca else "",
        proxy=which.proxy,
        disposable=which.disposable,
    )
    if replay_file is not None:
        raise typer.Exit(_replay(replay_file, where))
    chosen = config_of(where)
    await_target(chosen.target, chosen.embedded, within_s=which.wait_ready)
    run = replace(chosen, seed=options.seed_or_chance(seed), out=output.out)
    exploration = Exploration(
        config=run,
        where=where,
        minutes=lasts_s / 60,
        at_once=parallel or min(run.target.paced_cases, _EMBEDDED_AT_ONCE),
        disturb=not calm,
    )
    raise typer.Exit(run_explore(exploration, screen))


def _replay(path: Path, where: Where) -> ExitCode:
    """Play a saved schedule on the target it was found on, or on the one given here."""
    from queueproof.exploring.replaying import config_of, raise_for, replay
    from queueproof.exploring.saving import load
    from queueproof.exploring.steps import numbered

    schedule, saved = load(path)
    elsewhere = where.urls or where.config
    settings = {**saved.settings, **where.settings}
    chosen = where if elsewhere else replace(saved, settings=settings)
    config = config_of(chosen)
    require_for_launch(config.target.launch)
    for line in numbered(schedule):
        typer.echo(line)
    try:
        raise_for(asyncio.run(replay(config, schedule)))
    except CaseOutcome as outcome:
        typer.echo(str(outcome))
        return exit_code_for(outcome.verdict)
    typer.echo("no rule was broken")
    return ExitCode.PASSED
