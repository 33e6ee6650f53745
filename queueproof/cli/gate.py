"""`queueproof gate`: every conformance suite against one target, verdicts and a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from queueproof.cli import options
from queueproof.cli.option_groups import (
    OUTPUT_BY_CASE,
    SERVERS,
    TARGET,
    OutputByCase,
    WhichTarget,
    WhoseServers,
    with_groups,
)
from queueproof.config.kinds import Number, Whole
from queueproof.config.model import RunConfig

_PATIENCE_S = 60.0


@with_groups
def gate(
    which: WhichTarget = TARGET,
    workers: options.Workers = None,
    servers: WhoseServers = SERVERS,
    only: options.Only = None,
    without: options.Without = None,
    last_failed: options.LastFailed = False,
    shard: options.Shard = "",
    list_them: options.Listing = False,
    suites: options.Suites = None,
    seed: options.Seed = None,
    patience: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="Longest single wait of a case; what waits longer is not assessed.",
            rich_help_panel=options.PLAYING,
        ),
    ] = _PATIENCE_S,
    parallel: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Launched copies of the target for disturbing cases, side by side.",
            rich_help_panel=options.PLAYING,
        ),
    ] = None,
    repeat: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Play it so many times and count, case by case, the runs that deviate.",
            rich_help_panel=options.PLAYING,
        ),
    ] = 1,
    stop_at_first: options.StopAtFirst = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Not assessing something counts as inconclusive (exit 3).",
            rich_help_panel=options.OUTPUT,
        ),
    ] = False,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Known failures (TOML): only others fail the run. See docs/ci.md.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    output: OutputByCase = OUTPUT_BY_CASE,
) -> None:
    """Judge a deployment: **what holds, what breaks, with evidence**.

    Without a URL it starts Redis and the reference system with its workers and judges that.
    Secrets come from the environment: `QUEUEPROOF_API_KEY`, `QUEUEPROOF_TOKEN`, or
    `QUEUEPROOF_USERNAME` and `QUEUEPROOF_PASSWORD`; `QUEUEPROOF_REDIS_URL`. So may every option:
    `--wait-ready` is `QUEUEPROOF_WAIT_READY`. See docs/keys.md.

    Examples:

    - `queueproof gate`

    - `queueproof gate http://127.0.0.1:7860 --redis-url redis://127.0.0.1:6379/1`

    - `queueproof gate --only cancel --only POLL-003`

    - `queueproof gate --list`
    """
    from queueproof.running.gate import run_gate
    from queueproof.running.readiness import await_target
    from queueproof.running.repeating import run_repeatedly
    from queueproof.running.target_options import option
    from queueproof.stack.servers import servers_of

    screen = output.screen()
    servers_of(servers.stack, servers.redis)
    added = options.folders("suites", suites)
    options.checked(Whole(most=100), parallel, "--parallel")
    options.checked(Number(), patience, "--patience")
    options.checked(Whole(least=1, most=10_000), repeat, "--repeat")
    where = which.given(workers=workers)
    target, embedded = where.find()
    if parallel is not None and target.launch is not None:
        target = replace(target, launch=replace(target.launch, lanes=parallel, later_lanes=0))
    run = RunConfig(
        target=target,
        embedded=embedded,
        only=options.words_of(only),
        without=options.words_of(without),
        shard=options.shard_of(shard),
        stop_at_first=stop_at_first,
        strict=strict,
        seed=options.seed_or_chance(seed),
        out=output.out,
        patience_s=patience,
        redis_binary=servers.redis,
        stack=servers.stack,
        baseline=baseline,
        settings=dict(where.settings),
        again=(
            *where.words(),
            *added,
            *servers.words(),
            *option("--parallel", parallel),
            *option("--patience", None if patience == _PATIENCE_S else patience),
            *option("--baseline", baseline),
            *(("--strict",) if strict else ()),
        ),
    )
    if last_failed:
        from queueproof.running.selection import only_last_failed

        run = only_last_failed(run)
    if list_them:
        from queueproof.running.listing import show_listing

        show_listing(run, screen)
        return
    await_target(target, embedded, within_s=which.wait_ready)
    if repeat > 1:
        raise typer.Exit(run_repeatedly(run, repeat, screen))
    raise typer.Exit(run_gate(run, screen))
