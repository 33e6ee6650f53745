"""`queueproof lab`: a real system on this machine, in one command, and the gate on it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from queueproof.cli import options
from queueproof.cli.option_groups import OUTPUT_BY_CASE, OutputByCase, with_groups
from queueproof.config.kinds import COUNT, Number
from queueproof.errors import UsageError
from queueproof.extras import require
from queueproof.lab import bridged, running
from queueproof.lab.install import installed, is_installed, remove
from queueproof.lab.matrix_plan import systems_of
from queueproof.lab.matrix_run import MatrixConfig, MatrixRun
from queueproof.lab.recipe import Choice, choose, load_recipes


@with_groups
def lab(
    systems: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SYSTEM[==VERSION]]",
            help="Such as langflow or langflow==1.10.3; without one, what the lab knows is told. "
            "With --matrix several, each with `:VARIANT` behind it if need be.",
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="PACKAGE==VERSION",
            help="A package to install with a library, in this version; may be repeated.",
            rich_help_panel=options.TARGET,
        ),
    ] = None,
    variant: Annotated[
        str,
        typer.Option(
            help="Settings that people use, by the recipe's name of them.",
            metavar="NAME",
            rich_help_panel=options.TARGET,
        ),
    ] = "",
    workers: Annotated[
        int | None,
        typer.Option(
            help="How many workers to start; the recipe knows a number.",
            rich_help_panel=options.TARGET,
        ),
    ] = None,
    gate: Annotated[
        bool,
        typer.Option(
            "--gate",
            help="Judge it: what is done where nothing else is asked for.",
            rich_help_panel=options.SELECTION,
        ),
    ] = False,
    chaos: Annotated[
        bool,
        typer.Option(
            "--chaos",
            help="Play outages on it, a new start for each: minutes apiece.",
            rich_help_panel=options.SELECTION,
        ),
    ] = False,
    load: Annotated[
        bool,
        typer.Option(
            "--load", help="Play a load profile on it.", rich_help_panel=options.SELECTION
        ),
    ] = False,
    matrix: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Play the gate and outages on many queue libraries, and write a page of what each "
            "came to. What has a verdict in DIR is not played again.",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    parallel: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="With --chaos and --matrix: outages side by side.",
            rich_help_panel=options.PLAYING,
        ),
    ] = 1,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure",
            help="Measure a queue library behind its bridge: throughput, latency, memory, Redis "
            "commands a job. With --matrix each system, besides.",
            rich_help_panel=options.SELECTION,
        ),
    ] = False,
    rate: Annotated[
        float | None,
        typer.Option(
            help="With --load: jobs a second; else the profile's own.",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Leave it running, and say how to reach it.",
            rich_help_panel=options.SELECTION,
        ),
    ] = False,
    launch: Annotated[
        bool,
        typer.Option(
            "--launch",
            help="Let cases start it with other settings: a minute each, an hour in all.",
            rich_help_panel=options.SELECTION,
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="What to play of it: requirement IDs or areas; with --chaos scenarios, with "
            "--load a profile. May be repeated.",
            metavar="ID|AREA|PROFILE",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    seed: options.Seed = None,
    output: OutputByCase = OUTPUT_BY_CASE,
    clean: Annotated[
        bool,
        typer.Option(
            "--clean",
            help="Remove the installation instead.",
            rich_help_panel=options.SELECTION,
        ),
    ] = False,
) -> None:
    """Install a **real system** into a cache of its own, start it as it needs, and judge it.

    The first run installs the system and makes its database; later runs start from a copy. The
    cache is in your cache folder, or where `QUEUEPROOF_CACHE` says.

    Examples:

    - `queueproof lab langflow`

    - `queueproof lab langflow==1.10.3 --workers 2 --only polling`

    - `queueproof lab langflow --chaos --only CHAOS-001`

    - `queueproof lab langflow --load --rate 5`

    - `queueproof lab langflow --keep`

    - `queueproof lab celery==5.3.6 --with kombu==5.3.7 --variant acks-late`

    - `queueproof lab --matrix queues rq celery celery==5.3.6 celery:acks-late`
    """
    console = output.screen()
    options.checked(COUNT, parallel, "--parallel")
    if matrix is not None:
        _expect_matrix_options(variant, workers, load or keep or launch or clean)
        config = MatrixConfig(
            folder=matrix,
            systems=systems_of(systems or (), load_recipes(), beside=beside or ()),
            outages=() if gate else running.outages_of("generic", options.words_of(only)),
            gate=gate or not chaos,
            measure=measure,
            parallel=parallel,
            seed=options.seed_or_chance(seed),
        )
        raise typer.Exit(MatrixRun(config, console.print).play())
    if not systems:
        console.print(_known())
        return
    choice = _one_of(systems, beside or (), variant)
    if clean:
        remove(choice)
        console.print(f"removed {choice.name}")
        return
    _expect_one_visit(chaos=chaos, load=load or measure, keep=keep, gating=gate or launch)
    options.checked(COUNT, workers, "--workers")
    options.checked(Number(above=True, most=1e6), rate, "--rate")
    words = options.words_of(only)
    if load and len(words) > 1:
        raise UsageError("--only: one profile at a time with --load")
    visit = running.Visit(
        choice=choice,
        workers=choice.recipe.workers if workers is None else workers,
        launch=launch,
        only=() if chaos or load else words,
        scenarios=words if chaos else (),
        profile=words[0] if load and words else "steady",
        rate=rate,
        parallel=parallel,
        seed=options.seed_or_chance(seed),
        out=output.out,
    )
    # Before anything is looked up or installed, which takes minutes.
    if chaos:
        require("chaos", "queueproof lab --chaos")
    if load:
        require("load", "queueproof lab --load")
    running.make_ready(visit, console)
    asked = (
        *((keep, running.keep), (chaos, running.chaos), (load, running.load)),
        (measure, running.measure),
    )
    act = next((act for wanted, act in asked if wanted), running.gate)
    with bridged.own_redis(choice.recipe):
        code = act(visit, console)
    raise typer.Exit(code)


def _one_of(systems: list[str], beside: Iterable[str], variant: str) -> Choice:
    if len(systems) > 1:
        raise UsageError("one system at a time, or several with --matrix DIR")
    return choose(systems[0], load_recipes(), beside=beside, variant=variant)


def _expect_one_visit(*, chaos: bool, load: bool, keep: bool, gating: bool) -> None:
    """Raise UsageError where the options ask for several visits at once."""
    if chaos and load:
        raise UsageError("--chaos and --load (or --measure) are two visits: ask for one of them")
    if (chaos or load) and gating:
        raise UsageError(
            "--chaos, --load and --measure come instead of the gate: leave its options out"
        )
    if keep and (gating or chaos or load):
        raise UsageError("--keep leaves the system running; judge it from another terminal")


def _expect_matrix_options(variant: str, workers: int | None, another_visit: bool) -> None:
    if variant:
        raise UsageError(f"--variant: with --matrix write it as SYSTEM:{variant}")
    if workers is not None or another_visit:
        raise UsageError("--matrix plays gates and outages, with the recipes' numbers of workers")


def _known() -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("system", "versions", "tried", "installed"):
        table.add_column(heading)
    for recipe in load_recipes():
        there = [v for v in recipe.tried if is_installed(Choice(recipe, v))]
        where = ", ".join(f"{v} in {installed(Choice(recipe, v)).parent}" for v in there)
        table.add_row(
            recipe.system, str(recipe.versions), ", ".join(recipe.tried), where or "none yet"
        )
    return table
