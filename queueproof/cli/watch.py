"""`queueproof watch`: a canary for a deployment that people use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from queueproof.cli import options
from queueproof.config.kinds import Number
from queueproof.errors import UsageError
from queueproof.reporting.metrics_export import check_textfile
from queueproof.running.readiness import await_target
from queueproof.running.target_options import TargetOptions
from queueproof.watch.alerts import Alerts
from queueproof.watch.keeping import Watch, run_watch


def watch(
    urls: options.Urls = None,
    contract: options.Contract = None,
    config: options.Config = None,
    every: Annotated[
        str,
        typer.Option(
            help="From one round to the next: 60s, 5m.",
            metavar="TIME",
            rich_help_panel=options.PLAYING,
        ),
    ] = "60s",
    within: Annotated[
        str,
        typer.Option(
            help="How long a job's end is awaited.", metavar="TIME", rich_help_panel=options.PLAYING
        ),
    ] = "15s",
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help="One round, for cron: 0 green, 1 red, 4 not reached.",
            rich_help_panel=options.PLAYING,
        ),
    ] = False,
    metrics: Annotated[
        str,
        typer.Option(
            metavar="[HOST:]PORT",
            help="Answer scrapes there (OpenMetrics).",
            rich_help_panel=options.OUTPUT,
        ),
    ] = "",
    textfile: options.Textfile = None,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Keep what stands there, over restarts of the watch.",
            metavar="FILE",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    on_change: Annotated[
        str,
        typer.Option(
            metavar="COMMAND",
            help="Run when a check turns; gets JSON on its input.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = "",
    webhook: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Where to POST JSON when a check turns.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = "",
    objective: Annotated[
        float,
        typer.Option(
            help="Share of the rounds that must be good, for the error budget.",
            metavar="SHARE",
            rich_help_panel=options.PLAYING,
        ),
    ] = 0.999,
    window: Annotated[
        str,
        typer.Option(
            help="Over what time: 24h, 168h at most.",
            metavar="TIME",
            rich_help_panel=options.PLAYING,
        ),
    ] = "168h",
    workers: options.Workers = None,
    ca: options.Ca = "",
    proxy: options.Proxy = "",
    wait_ready: options.WaitReady = 0.0,
) -> None:
    """Watch a deployment in production: **does every worker still take jobs, do cancels work?**

    Each round submits a small job through every worker, reads it through the next, and cancels one
    longer job. Nothing is disturbed, nothing is left behind. A check that fails is asked again at
    once, and is red when it fails again.

    Examples:

    - `queueproof watch https://langflow.example.org --every 60s --metrics 9464`

    - `queueproof watch --config langflow.toml --once`
    """
    target, embedded = TargetOptions(
        urls=tuple(urls or ()),
        contract=contract,
        config=config,
        workers=workers,
        ca=ca,
        proxy=proxy,
    ).find()
    if embedded:
        raise UsageError("watch needs a deployment: give its URL, or a target file with urls")
    options.checked(Number(above=True, most=1.0), objective, "--objective")
    if textfile is not None:
        check_textfile(textfile)
    given = Watch(
        target=target,
        every_s=options.seconds_of(every, "--every"),
        within_s=options.seconds_of(within, "--within"),
        once=once,
        objective=objective,
        window_s=options.seconds_of(window, "--window"),
        state=state,
        textfile=textfile,
        metrics_at=_address(metrics) if metrics else None,
        alerts=Alerts(command=on_change, webhook=webhook),
    )
    await_target(target, embedded, within_s=wait_ready)
    raise typer.Exit(run_watch(given, Console()))


def _address(written: str) -> tuple[str, int]:
    """Host and port; loopback where no host is given. Raises UsageError."""
    host, _, port = written.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise UsageError(f"--metrics {written}: write it like 9464 or 0.0.0.0:9464")
    return host.strip("[]") or "127.0.0.1", int(port)
