"""`queueproof bench`: what the reference costs, beside its own stack and the real systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from queueproof.cli import options
from queueproof.config.kinds import Number, Whole
from queueproof.config.load import check_url
from queueproof.errors import UsageError
from queueproof.extras import require
from queueproof.load.generating import require_generator

#: `bench.parts` by name; that module takes long to be imported, and the help is to be had at once.
PART_WORDS = (
    *("jobs", "submits", "cancels", "events", "workers"),
    *("in-flight", "readers", "generator"),
)


def bench(
    langflow: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="A real Langflow to measure beside it.",
            rich_help_panel=options.TARGET,
        ),
    ] = "",
    langflow_config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its target file.", rich_help_panel=options.TARGET),
    ] = None,
    flowise: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="A real Flowise to measure beside it.",
            rich_help_panel=options.TARGET,
        ),
    ] = "",
    flowise_config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its target file.", rich_help_panel=options.TARGET),
    ] = None,
    lab: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SYSTEM[==VERSION]",
            help="A real system that the lab starts.",
            rich_help_panel=options.TARGET,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART",
            help=f"Only this part: {', '.join(PART_WORDS)}; may be repeated.",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="How long one measurement lasts.",
            rich_help_panel=options.PLAYING,
        ),
    ] = 5.0,
    largest: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="The most jobs in flight, and readers of one job.",
            rich_help_panel=options.PLAYING,
        ),
    ] = 2000,
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Where the results' folder is made.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = options.OUT,
    docs: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the page with its plots into this folder too.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
) -> None:
    """Benchmarks: **jobs a second, latencies, memory**, side by side in one run.

    Measured on the reference as it is launched here, the bare HTTP stack, Redis itself, and the
    real systems whose URLs are given, or which the lab starts. Credentials for a URL come from the
    environment: `QUEUEPROOF_USERNAME` and `QUEUEPROOF_PASSWORD`, or `QUEUEPROOF_TOKEN`.

    Examples:

    - `queueproof bench --only jobs --only cancels --langflow http://127.0.0.1:7860`

    - `queueproof bench --docs docs --lab langflow==1.13.0 --lab flowise==3.1.2`
    """
    require_generator()
    require("reference", "queueproof bench")
    from queueproof.bench.parts import Wanted
    from queueproof.bench.run import run_bench
    from queueproof.bench.subject import deployment, of_the_lab

    options.checked(Number(least=1.0, most=3600.0), seconds, "--seconds")
    options.checked(Whole(least=1, most=1_000_000), largest, "--largest")
    console = Console()
    named = [of_the_lab(each, console) for each in lab or ()]
    if langflow:
        named.append(deployment("langflow", check_url(langflow), langflow_config))
    if flowise:
        named.append(deployment("flowise", check_url(flowise), flowise_config))
    real = {subject.target.contract: subject for subject in named}
    if len(real) < len(named):
        raise UsageError("one real system of each contract is measured, not two")
    wanted = Wanted(
        langflow=real.get("langflow"),
        flowise=real.get("flowise"),
        seconds=seconds,
        largest=largest,
    )
    raise typer.Exit(run_bench(wanted, tuple(only or ()), out, docs, console))
