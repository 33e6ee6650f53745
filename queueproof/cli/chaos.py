"""`queueproof chaos`: declared outages, confirmed, healed, and judged over the whole history."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.chaos.judging import invariants_of
from queueproof.chaos.manners import manner_of
from queueproof.chaos.replay import run_replay
from queueproof.chaos.report import run_chaos
from queueproof.chaos.scenario import Scenario, choose, for_contract, load_scenarios
from queueproof.chaos.sweep import parse_cells
from queueproof.chaos.sweep_report import run_sweep
from queueproof.cli import options
from queueproof.config.kinds import Whole
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import UsageError
from queueproof.running.target_options import TargetOptions, option, settings_of
from queueproof.stack.servers import servers_of
from queueproof.targets.generic.embedded_generic import with_few_slots


def chaos(
    urls: options.Urls = None,
    contract: options.Contract = None,
    config: options.Config = None,
    only: Annotated[
        list[str] | None, typer.Option(help="A scenario's ID; may be repeated.")
    ] = None,
    scenarios: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Scenarios of your own, besides ours; may be repeated."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="A recorded schedule: fixed, still fails, or not reproduced?"),
    ] = None,
    sweep: Annotated[
        bool,
        typer.Option("--sweep", help="Strike before and after each command of one job's life."),
    ] = False,
    cell: Annotated[
        list[str] | None,
        typer.Option(help="With --sweep: one cell, such as 12-cut-after; may be repeated."),
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help="List the scenarios.")] = False,
    seed: options.Seed = None,
    out: options.Out = options.OUT,
    parallel: Annotated[
        int, typer.Option(help="How many scenarios side by side, each on a stack of its own.")
    ] = 5,
    stack: Annotated[
        str,
        typer.Option(help="Where Redis and Toxiproxy come from: local, or containers."),
    ] = "local",
    redis: options.Redis = "",
    redis_url: options.RedisUrl = "",
    disposable: options.Disposable = False,
    setting: options.Settings = None,
) -> None:
    """Play outages: **what happens to users' jobs meanwhile and afterwards**.

    Without a URL it starts Redis, Toxiproxy and replicas of the reference for each scenario.
    Against a deployment it needs `--disposable`, and a target file that says where its fault
    proxies and processes are.

    Examples:

    - `queueproof chaos`

    - `queueproof chaos --only CHAOS-003 --seed 41`

    - `queueproof chaos --config staging.toml --disposable`
    """
    options.checked(Whole(least=1, most=100), parallel, "--parallel")
    added = options.folders("scenarios", scenarios)
    given = TargetOptions(
        urls=tuple(urls or ()),
        contract=contract,
        config=config,
        redis_url=redis_url,
        disposable=disposable,
        settings=settings_of(setting or ()),
    )
    target, embedded = given.find()
    target = with_few_slots(target)
    declared = for_contract(load_scenarios(), target.contract)
    if not declared:
        raise UsageError(f"no outage is declared for targets of the contract {target.contract}")
    chosen = choose(declared, options.words_of(only))
    if list_them:
        Console().print(_table(chosen))
        return
    run = replace(
        _config(target, embedded, redis, options.seed_or_chance(seed), out),
        stack=stack,
        again=(
            *given.words(),
            *added,
            *option("--stack", None if stack == "local" else stack),
            *option("--redis", redis or None),
        ),
    )
    servers_of(stack, redis)
    run = replace(run, target=_with_settings(run.target, given.settings))
    at_once = parallel if run.embedded else 1
    where = f"{shlex.join(run.again)} " if run.again else ""
    if sweep:
        _expect_sweepable(run)
        cells = parse_cells(cell or ())
        raise typer.Exit(run_sweep(run, Console(), at_once=at_once, only=cells, where=where))
    if replay is not None:
        raise typer.Exit(run_replay(run, replay, Console(), at_once=at_once, where=where))
    raise typer.Exit(run_chaos(run, chosen, Console(), at_once=at_once, where=where))


def _expect_sweepable(run: RunConfig) -> None:
    if not manner_of(run.target.contract).sweeps:
        raise UsageError(f"--sweep: a {run.target.contract} job's life cannot be swept so far")


def _config(target: TargetConfig, embedded: bool, redis: str, seed: int, out: Path) -> RunConfig:
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


def _table(scenarios: tuple[Scenario, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(scenarios)} scenarios")
    for name in ("id", "what happens", "what it verifies", "may cost"):
        table.add_column(name, overflow="fold")
    for one in scenarios:
        table.add_row(*(Text(cell) for cell in (one.id, one.title, one.verifies, one.costs)))
    return table
