"""`queueproof load`: declared load profiles, honest figures, and every job accounted for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.cli import options
from queueproof.config.kinds import Number, Whole
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import UsageError
from queueproof.load.gates import Gate, gate_from
from queueproof.load.generating import Ways, join, place, require_generator
from queueproof.load.manners import limits_for, mannerly
from queueproof.load.profile import Profile, choose_profile, load_profiles, scaled
from queueproof.running.target_options import TargetOptions, option, settings_of


def load(
    urls: options.Urls = None,
    contract: options.Contract = None,
    config: options.Config = None,
    only: Annotated[str, typer.Option(help="The profile to play.")] = "steady",
    profiles: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Profiles of your own, besides ours; may be repeated."),
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help="List the profiles.")] = False,
    duration: Annotated[
        str | None, typer.Option(help="How long jobs arrive: 60s, 20m; else the profile's own.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Jobs a second; else the profile's own.")
    ] = None,
    gate: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=LIMIT", help="Replaces a gate, as submit.p99_ms=100."),
    ] = None,
    parallel: Annotated[
        int, typer.Option(help="How many processes generate the load, side by side.")
    ] = 1,
    listen: Annotated[
        str,
        typer.Option(metavar="HOST:PORT", help="Wait here for the processes, from anywhere."),
    ] = "",
    join_at: Annotated[
        str,
        typer.Option("--join", metavar="HOST:PORT", help="Be one process of a run elsewhere."),
    ] = "",
    ui: Annotated[bool, typer.Option("--ui", help="Show locust's web UI meanwhile.")] = False,
    ui_port: Annotated[int, typer.Option(help="The web UI's port, on loopback.")] = 8089,
    max_requests: Annotated[
        float | None, typer.Option(help="Stop when more requests a second are made than this.")
    ] = None,
    max_errors: Annotated[
        float, typer.Option(help="Stop when more than this share of the requests fails.")
    ] = 0.5,
    seed: options.Seed = None,
    out: options.Out = options.OUT,
    plots: Annotated[
        Path | None, typer.Option(help="Write the charts as SVG into this folder too.")
    ] = None,
    workers: options.Workers = None,
    redis: options.Redis = "",
    redis_url: options.RedisUrl = "",
    disposable: options.Disposable = False,
    setting: options.Settings = None,
) -> None:
    """Load a deployment: **how much it carries, how late it gets, and that nothing is lost**.

    Arrivals follow a schedule that the target cannot slow down; latency counts from the scheduled
    instant. A lost, duplicated, reordered or never-ended job fails the run whatever the latency.

    Examples:

    - `queueproof load`

    - `queueproof load --only knee`

    - `queueproof load http://127.0.0.1:7860 --only steady --duration 60s --rate 50`
    """
    if join_at:
        require_generator()
        raise typer.Exit(join(*place(join_at, option="--join")))
    added = options.folders("profiles", profiles)
    given = TargetOptions(
        urls=tuple(urls or ()),
        contract=contract,
        config=config,
        workers=workers,
        redis_url=redis_url,
        disposable=disposable,
        settings=settings_of(setting or ()),
    )
    target, embedded = given.find()
    declared = load_profiles(target.contract)
    if list_them:
        Console().print(_table(declared))
        return
    require_generator()
    from queueproof.load.playing import Playing
    from queueproof.load.run import LoadConfig, run_load

    options.checked(Whole(least=1, most=256), parallel, "--parallel")
    options.checked(Whole(least=1, most=65535), ui_port, "--ui-port")
    options.checked(Number(above=True, most=1e6), rate, "--rate")
    options.checked(Number(above=True, most=1e7), max_requests, "--max-requests")
    options.checked(Number(above=True, most=1.0), max_errors, "--max-errors")
    duration_s = None if duration is None else options.seconds_of(duration)
    chosen = _chosen(declared, only, target, rate=rate, duration_s=duration_s)
    playing = Playing(
        profile=replace(chosen, gates=_gates(chosen.gates, gate or [])),
        seed=options.seed_or_chance(seed),
        processes=parallel,
        limits=limits_for(
            target,
            chosen,
            requests_per_s=max_requests or target.requests_per_s,
            error_ratio=max_errors,
        ),
        ways=Ways(
            ui=ui_port if ui else None,
            listen=place(listen, option="--listen") if listen else None,
        ),
    )
    run = RunConfig(
        target=target,
        embedded=embedded,
        seed=playing.seed,
        out=out,
        redis_binary=redis,
        settings=dict(given.settings),
        again=(
            *given.words(),
            *added,
            *option("--redis", redis or None),
            *option("--only", only),
            *option("--duration", duration),
            *option("--rate", rate),
            *(word for each in gate or () for word in ("--gate", each)),
            *option("--parallel", None if parallel == 1 else parallel),
            *option("--max-requests", max_requests),
            *option("--max-errors", max_errors),
        ),
    )
    raise typer.Exit(run_load(LoadConfig(run=run, playing=playing, plots=plots), Console()))


def _chosen(
    profiles: tuple[Profile, ...],
    name: str,
    target: TargetConfig,
    *,
    rate: float | None,
    duration_s: float | None,
) -> Profile:
    profile = choose_profile(profiles, name)
    return mannerly(scaled(profile, rate=rate, duration_s=duration_s), target, asked=rate)


def _gates(declared: tuple[Gate, ...], given: list[str]) -> tuple[Gate, ...]:
    """The profile's gates with those of the command line in their place or added."""
    gates = {gate.name: gate for gate in declared}
    for each in given:
        name, limit = _pair(each, option="--gate")
        try:
            gate = gate_from(name, float(limit), where="--gate")
        except ValueError:
            raise UsageError(f"--gate {each}: {limit!r} is no number") from None
        gates[gate.name] = gate
    return tuple(gates.values())


def _pair(written: str, *, option: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not (name and equals):
        raise UsageError(f"{option} {written}: write it like {option} NAME=VALUE")
    return name, value


def _table(profiles: tuple[Profile, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(profiles)} profiles")
    for name in ("profile", "what arrives", "what it verifies", "jobs/s", "lasts"):
        table.add_column(name, overflow="fold")
    for one in profiles:
        cells = (one.id, one.title, one.verifies, f"{one.rate:g}", f"{one.duration_s:g} s")
        table.add_row(*(Text(cell) for cell in cells))
    return table
