"""`queueproof gate`: every conformance suite against one target, verdicts and a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from queueproof.cli import options
from queueproof.config.kinds import Number, Whole
from queueproof.config.model import RunConfig
from queueproof.running.gate import run_gate
from queueproof.running.repeating import run_repeatedly
from queueproof.running.target_options import TargetOptions, option, settings_of
from queueproof.stack.servers import servers_of

_PATIENCE_S = 60.0


def gate(
    urls: options.Urls = None,
    contract: options.Contract = None,
    config: options.Config = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="A requirement ID or an area; may be repeated."),
    ] = None,
    suites: options.Suites = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Not assessing something counts as inconclusive (exit 3)."),
    ] = False,
    seed: options.Seed = None,
    out: options.Out = options.OUT,
    stack: Annotated[
        str, typer.Option(help="Where Redis comes from: local, or containers.")
    ] = "local",
    workers: options.Workers = None,
    redis: options.Redis = "",
    redis_url: options.RedisUrl = "",
    disposable: options.Disposable = False,
    baseline: Annotated[
        Path | None,
        typer.Option(help="Known failures (TOML): only others fail the run. See docs/ci.md."),
    ] = None,
    setting: options.Settings = None,
    parallel: Annotated[
        int | None,
        typer.Option(help="Launched copies of the target for disturbing cases, side by side."),
    ] = None,
    patience: Annotated[
        float, typer.Option(help="Longest single wait of a case, in seconds.")
    ] = _PATIENCE_S,
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
    added = options.folders("suites", suites)
    options.checked(Whole(most=100), parallel, "--parallel")
    options.checked(Number(), patience, "--patience")
    options.checked(Whole(least=1, most=10_000), repeat, "--repeat")
    where = TargetOptions(
        urls=tuple(urls or ()),
        contract=contract,
        config=config,
        workers=workers,
        redis_url=redis_url,
        disposable=disposable,
        settings=settings_of(setting or ()),
    )
    target, embedded = where.find()
    if parallel is not None and target.launch is not None:
        target = replace(target, launch=replace(target.launch, lanes=parallel))
    run = RunConfig(
        target=target,
        embedded=embedded,
        only=options.words_of(only),
        strict=strict,
        seed=options.seed_or_chance(seed),
        out=out,
        patience_s=patience,
        redis_binary=redis,
        stack=stack,
        baseline=baseline,
        settings=dict(where.settings),
        again=(
            *where.words(),
            *added,
            *option("--stack", None if stack == "local" else stack),
            *option("--redis", redis or None),
            *option("--parallel", parallel),
            *option("--patience", None if patience == _PATIENCE_S else patience),
            *option("--baseline", baseline),
            *(("--strict",) if strict else ()),
        ),
    )
    if repeat > 1:
        raise typer.Exit(run_repeatedly(run, repeat, Console()))
    raise typer.Exit(run_gate(run, Console()))
