"""`queueproof load`: declared load profiles, honest figures, and every job accounted for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from queueproof.cli import options
from queueproof.cli.option_groups import OUTPUT, TARGET, Output, WhichTarget, with_groups
from queueproof.config.kinds import Number, Whole
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import UsageError

if TYPE_CHECKING:
    from queueproof.load.gates import Gate
    from queueproof.load.profile import Profile


@with_groups
def load(
    which: WhichTarget = TARGET,
    workers: options.Workers = None,
    redis: options.Redis = "",
    only: options.OnlyProfile = "steady",
    list_them: options.Listing = False,
    profiles: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Profiles of your own, besides ours; may be repeated.",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    seed: options.Seed = None,
    duration: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="How long jobs arrive: 60s, 20m; else the profile's own.",
            rich_help_panel=options.PLAYING,
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            help="Jobs a second; else the profile's own.",
            rich_help_panel=options.PLAYING,
        ),
    ] = None,
    parallel: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="How many processes generate the load, side by side.",
            rich_help_panel=options.PLAYING,
        ),
    ] = 1,
    listen: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            help="Wait here for the processes, from anywhere.",
            rich_help_panel=options.PLAYING,
        ),
    ] = "",
    join_at: Annotated[
        str,
        typer.Option(
            "--join",
            metavar="HOST:PORT",
            help="Generate load for the run that listens there, from this machine.",
            rich_help_panel=options.PLAYING,
        ),
    ] = "",
    ui: Annotated[
        bool,
        typer.Option(
            "--ui",
            help="Show locust's web UI meanwhile.",
            rich_help_panel=options.PLAYING,
        ),
    ] = False,
    ui_port: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            help="The web UI's port, on loopback.",
            rich_help_panel=options.PLAYING,
        ),
    ] = 8089,
    max_requests: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            help="Stop when more requests a second are made than this.",
            rich_help_panel=options.PLAYING,
        ),
    ] = None,
    max_errors: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Stop when more than this share of the requests fails.",
            rich_help_panel=options.PLAYING,
        ),
    ] = 0.5,
    gate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LIMIT",
            help="Replaces a gate, as submit.p99_ms=100.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the charts as SVG into this folder too.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    output: Output = OUTPUT,
) -> None:
    """Load a deployment: **how much it carries, how late it gets, and that nothing is lost**.

    Arrivals follow a schedule that the target cannot slow down; latency counts from the scheduled
    instant. A lost, duplicated, reordered or never-ended job fails the run whatever the latency.

    Examples:

    - `queueproof load`

    - `queueproof load --list`

    - `queueproof load --only knee`

    - `queueproof load http://127.0.0.1:7860 --only steady --duration 60s --rate 50`
    """
    from queueproof.load.generating import Ways, join, place, require_generator
    from queueproof.load.profile import load_profiles
    from queueproof.load.profile_listing import show_profiles
    from queueproof.load.safety_limits import limits_for
    from queueproof.running.readiness import await_target
    from queueproof.running.target_options import option

    screen = output.screen()
    if join_at:
        require_generator()
        raise typer.Exit(join(*place(join_at, option="--join")))
    added = options.folders("profiles", profiles)
    given = which.given(workers=workers)
    target, embedded = given.find()
    declared = load_profiles(target.contract)
    if list_them:
        show_profiles(declared, screen)
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
        out=output.out,
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
    await_target(target, embedded, within_s=which.wait_ready)
    raise typer.Exit(run_load(LoadConfig(run=run, playing=playing, plots=plots), screen))


def _chosen(
    profiles: tuple[Profile, ...],
    name: str,
    target: TargetConfig,
    *,
    rate: float | None,
    duration_s: float | None,
) -> Profile:
    from queueproof.load.profile import choose_profile, scaled
    from queueproof.load.safety_limits import within_safety_limits

    profile = choose_profile(profiles, name)
    return within_safety_limits(
        scaled(profile, rate=rate, duration_s=duration_s), target, asked=rate
    )


def _gates(declared: tuple[Gate, ...], given: list[str]) -> tuple[Gate, ...]:
    """The profile's gates with those of the command line in their place or added."""
    from queueproof.load.gates import gate_from

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
