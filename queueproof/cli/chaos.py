"""`queueproof chaos`: declared outages, confirmed, healed, and judged over the whole history."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
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
from queueproof.config.kinds import Whole
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import UsageError


@with_groups
def chaos(
    which: WhichTarget = TARGET,
    servers: WhoseServers = SERVERS,
    only: options.OnlyScenarios = None,
    without: options.WithoutScenarios = None,
    last_failed: options.LastFailed = False,
    shard: options.Shard = "",
    list_them: options.Listing = False,
    scenarios: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Scenarios of your own, besides ours; may be repeated.",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A recorded schedule: fixed, still fails, or not reproduced?",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    sweep: Annotated[
        bool,
        typer.Option(
            "--sweep",
            help="Strike before and after each command of one job's life.",
            rich_help_panel=options.SELECTION,
        ),
    ] = False,
    cell: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CELL",
            help="With --sweep: one cell, such as 12-cut-after; may be repeated.",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    seed: options.Seed = None,
    parallel: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="How many scenarios side by side, each on a stack of its own.",
            rich_help_panel=options.PLAYING,
        ),
    ] = 5,
    stop_at_first: options.StopAtFirst = False,
    output: OutputByCase = OUTPUT_BY_CASE,
) -> None:
    """Play outages: **what happens to users' jobs meanwhile and afterwards**.

    Without a URL it starts Redis, Toxiproxy and replicas of the reference for each scenario.
    Against a deployment it needs `--disposable`, and a target file that says where its fault
    proxies and processes are.

    Examples:

    - `queueproof chaos`

    - `queueproof chaos --only CHAOS-003 --seed 41`

    - `queueproof chaos --list`

    - `queueproof chaos --config staging.toml --disposable`
    """
    from queueproof.chaos.outage_listing import show_scenarios
    from queueproof.chaos.replay import run_replay
    from queueproof.chaos.report import run_chaos
    from queueproof.chaos.scenario import for_contract, load_scenarios, selected
    from queueproof.chaos.sweep import parse_cells
    from queueproof.chaos.sweep_report import run_sweep
    from queueproof.extras import require, require_for_launch
    from queueproof.running.readiness import await_target
    from queueproof.stack.servers import servers_of
    from queueproof.targets.generic.embedded_generic import with_few_slots

    screen = output.screen()
    options.checked(Whole(least=1, most=100), parallel, "--parallel")
    added = options.folders("scenarios", scenarios)
    given = which.given()
    target, embedded = given.find()
    target = with_few_slots(target)
    declared = for_contract(load_scenarios(), target.contract)
    if not declared:
        raise UsageError(f"no outage is declared for targets of the contract {target.contract}")
    words = options.words_of(only)
    if last_failed:
        words = _failed(output.out, target.contract, words)
    chosen = selected(
        declared, words, without=options.words_of(without), shard=options.shard_of(shard)
    )
    if list_them:
        show_scenarios(chosen, target, screen, embedded=embedded)
        return
    run = replace(
        _config(target, embedded, servers.redis, options.seed_or_chance(seed), output.out),
        stack=servers.stack,
        stop_at_first=stop_at_first,
        again=(
            *given.words(),
            *added,
            *servers.words(),
        ),
    )
    servers_of(servers.stack, servers.redis)
    require_for_launch(target.launch)
    require("chaos", "queueproof chaos")
    await_target(target, embedded, within_s=which.wait_ready)
    run = replace(run, target=_with_settings(run.target, given.settings))
    at_once = parallel if run.embedded else 1
    where = f"{shlex.join(run.again)} " if run.again else ""
    if sweep:
        _expect_sweepable(run)
        cells = parse_cells(cell or ())
        raise typer.Exit(run_sweep(run, screen, at_once=at_once, only=cells, where=where))
    if replay is not None:
        raise typer.Exit(run_replay(run, replay, screen, at_once=at_once, where=where))
    raise typer.Exit(run_chaos(run, chosen, screen, at_once=at_once, where=where))


def _expect_sweepable(run: RunConfig) -> None:
    from queueproof.chaos.contract_traits import traits_of

    if not traits_of(run.target.contract).sweeps:
        raise UsageError(f"--sweep: a {run.target.contract} job's life cannot be swept so far")


def _config(target: TargetConfig, embedded: bool, redis: str, seed: int, out: Path) -> RunConfig:
    from queueproof.chaos.judging import invariants_of

    if not invariants_of(target.contract):
        raise UsageError(f"contract {target.contract!r} lacks the requirements that outages judge")
    if not embedded and not target.disposable:
        raise UsageError(
            "outages disturb everybody on the target: say that it is --disposable, if it is"
        )
    return RunConfig(target=target, embedded=embedded, seed=seed, out=out, redis_binary=redis)


def _with_settings(target: TargetConfig, settings: Mapping[str, str]) -> TargetConfig:
    """`target` with these settings of what is launched."""
    if target.launch is None:
        return target
    environment = {**target.launch.environment, **settings}
    return replace(target, launch=replace(target.launch, environment=environment))


def _failed(out: Path, contract: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The scenarios among `words` (or all) that did not pass in the newest chaos report."""
    from queueproof.chaos.outage_listing import failed_scenarios

    failed = failed_scenarios(out, contract)
    kept = tuple(word for word in failed if not words or word in {each.upper() for each in words})
    if not kept:
        raise UsageError("--last-failed: nothing of what is asked failed in the newest report")
    return kept
