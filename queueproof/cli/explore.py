"""`queueproof explore`: schedules nobody wrote, against one target."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from queueproof.config.load import check_redis_url
from queueproof.config.model import RunConfig
from queueproof.errors import CaseOutcome, UsageError
from queueproof.exploring.exploration import Exploration, run_explore
from queueproof.exploring.replaying import config_of, raise_for, replay
from queueproof.exploring.saving import Where, load
from queueproof.exploring.steps import numbered
from queueproof.verdicts import ExitCode, exit_code_for

_DEFAULT_OUT = Path("reports/out")
_EMBEDDED_AT_ONCE = 12


def explore(
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="[URL]",
            help="Base URL of the deployment; without it, the embedded reference is explored.",
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(help="How long to look, at most.")] = 2.0,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the schedules; printed by every run.")
    ] = None,
    contract: Annotated[str, typer.Option(help="Which contract to hold it to.")] = "langflow",
    config: Annotated[
        Path | None,
        typer.Option(help="Target file (TOML): URLs, timings, access. See docs/targets.md."),
    ] = None,
    at_once: Annotated[
        int | None,
        typer.Option(help="Schedules side by side; by default the target's cases_at_once."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE for an embedded target's environment."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the report's folder is made.")] = _DEFAULT_OUT,
    workers: Annotated[
        int | None, typer.Option(help="How many workers to find (embedded: to start).")
    ] = None,
    redis_url: Annotated[
        str, typer.Option(help="The queue's Redis, without password (redis access).")
    ] = "",
    disposable: Annotated[
        bool,
        typer.Option("--disposable", help="The target may be disturbed: flushes, kills, freezes."),
    ] = False,
    calm: Annotated[
        bool, typer.Option("--calm", help="Leave the workers' processes alone in any case.")
    ] = False,
    replay_file: Annotated[
        Path | None,
        typer.Option("--replay", help="Play one saved schedule instead of looking for new ones."),
    ] = None,
) -> None:
    """Look for faults with **schedules nobody wrote**.

    A rule-based state machine writes short schedules of submits, polls, streams, cancels, dropped
    connections and waits through any worker; a model says what may be observed. The first failure
    is made short, printed, and saved as a pytest file that plays it again.

    Examples:

    - `queueproof explore --minutes 10`

    - `queueproof explore http://127.0.0.1:7860 --seed 7`

    - `queueproof explore --replay reports/out/20261122-101500/test_poll_003_polls_order_1.py`
    """
    where = Where(
        contract=contract,
        urls=(url,) if url else (),
        config=str(config.resolve()) if config else "",
        settings=_settings(setting or []),
        workers=workers,
    )
    if replay_file is not None:
        raise typer.Exit(_replay(replay_file, where))
    run = _configured(where, redis_url=redis_url, disposable=disposable)
    run = replace(
        run,
        seed=random.randrange(1_000_000) if seed is None else seed,  # noqa: S311
        out=out,
    )
    exploration = Exploration(
        config=run,
        where=replace(where, urls=run.target.urls),
        minutes=minutes,
        at_once=at_once or min(run.target.cases_at_once, _EMBEDDED_AT_ONCE),
        disturb=not calm,
    )
    raise typer.Exit(run_explore(exploration, Console()))


def _configured(where: Where, *, redis_url: str, disposable: bool) -> RunConfig:
    run = config_of(where)
    target = run.target
    if redis_url:
        target = replace(target, redis_url=check_redis_url(redis_url, where="--redis-url"))
    if disposable:
        target = replace(target, disposable=True)
    return replace(run, target=target)


def _replay(path: Path, where: Where) -> ExitCode:
    """Play a saved schedule on the target it was found on, or on the one given here."""
    schedule, saved = load(path)
    elsewhere = where.urls or where.config
    settings = where.settings or saved.settings
    chosen = where if elsewhere else replace(saved, settings=settings)
    for line in numbered(schedule):
        typer.echo(line)
    try:
        raise_for(asyncio.run(replay(config_of(chosen), schedule)))
    except CaseOutcome as outcome:
        typer.echo(str(outcome))
        return exit_code_for(outcome.verdict)
    typer.echo("no rule was broken")
    return ExitCode.PASSED


def _settings(given: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in given]
    wrong = next((name or word for name, mark, word in pairs if not (name and mark)), None)
    if wrong is not None:
        raise UsageError(f"--setting {wrong}: write it like NAME=VALUE")
    return {name: value for name, _, value in pairs}
