"""The page of a benchmark: a table a part, a plot where something grows, and the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from queueproof.bench.measuring import Row
from queueproof.reporting.drawing import DrawnLine, line_plot


@dataclass(frozen=True, kw_only=True)
class Section:
    """How a part is shown: what it answers, which columns, and what is drawn over what."""

    title: str
    says: str
    columns: tuple[str, ...]
    over: str = ""
    drawn: tuple[str, ...] = ()
    unit: str = ""


_WORDS = ("system", "does", "by", "asked", "why")
_JOBS = ("jobs_per_s", "submit_p50_ms", "submit_p99_ms", "first_event_p50_ms", "first_event_p99_ms")
SECTIONS = {
    "jobs": Section(
        title="Jobs a second",
        says="Clients that submit a job of one event, read it to its end, and submit the next.",
        columns=(
            *("system", "clients", "does", *_JOBS, "job_p50_ms", "job_p99_ms"),
            *("target_ms_a_job", "deviant_jobs"),
        ),
    ),
    "submits": Section(
        title="Submits, the bare stack, and Redis",
        says="Submits alone, against the same HTTP stack with an endpoint that does nothing, and "
        "against one XADD after another by `redis-benchmark`. The build that is submitted has no "
        "component and no reader; the worker that answers begins and ends it all the same. Each "
        "by our own locustfile and by `wrk`, with the same body.",
        columns=(
            *("system", "clients", "by", "requests_per_s", "submit_p50_ms"),
            *("submit_p99_ms", "p50_ms", "p99_ms", "target_ms_a_job"),
        ),
    ),
    "cancels": Section(
        title="Cancel to stopped",
        says="From a cancel to the end of the job's stream: asked of whichever worker by four "
        "clients at once, and, one job after another, of a worker that is known not to run it.",
        columns=(
            *("system", "asked", "cancel_to_stopped_p50_ms", "cancel_to_stopped_p99_ms", "jobs"),
            "deviant_jobs",
        ),
    ),
    "events": Section(
        title="Events of one job",
        says="One job that emits as fast as it can, one reader.",
        columns=("system", "events_per_s", "jobs", "deviant_jobs"),
    ),
    "workers": Section(
        title="More workers",
        says="Sixteen clients with jobs of one event.",
        columns=("system", "workers", *_JOBS, "rss_mb", "worker_mb", "deviant_jobs"),
        over="workers",
        drawn=("jobs_per_s",),
        unit="jobs a second",
    ),
    "in-flight": Section(
        title="Jobs in flight",
        says="Jobs that stay, with a reader each, submitted on a schedule until all are there. "
        "`worker` is the memory of the largest process, which is a worker, at its peak.",
        columns=(
            *("system", "wanted", "in_flight", "submit_p50_ms", "submit_p99_ms"),
            *("first_event_p99_ms", "rss_mb", "worker_mb", "redis_mb", "redis_keys"),
            *("redis_clients", "failed", "deviant_jobs"),
        ),
        over="wanted",
        drawn=("submit_p50_ms", "submit_p99_ms", "first_event_p99_ms"),
        unit="milliseconds",
    ),
    "readers": Section(
        title="Readers of one job",
        says="One job of a hundred events in five seconds, with so many readers.",
        columns=(
            *("system", "readers", "first_event_p50_ms", "first_event_p99_ms", "events_per_s"),
            *("rss_mb", "worker_mb", "failed", "deviant_jobs"),
        ),
        over="readers",
        drawn=("first_event_p50_ms", "first_event_p99_ms"),
        unit="milliseconds",
    ),
    "generator": Section(
        title="The generator's own limit",
        says="Sixteen clients on the bare stack's endpoint with one worker, by our locustfile, by "
        "locust as it comes, and by `wrk`. What a request costs is the generator's processor time.",
        columns=(
            *("system", "clients", "requests_per_s", "generator_ms_a_request", "generator_cpu"),
            "submit_p99_ms",
        ),
    ),
}


def columns_of(part: str, rows: Sequence[Row]) -> list[str]:
    """The part's columns that some row fills; last how late the generator was (p99), how many
    processors others took, and why anything failed, if it did."""
    columns = (*SECTIONS[part].columns, "lag_p99_ms", "others_cpu", "why")
    return [name for name in columns if any(name in row for row in rows)]


def plots_of(parts: dict[str, list[Row]]) -> dict[str, str]:
    """SVG drawings by file name, for the parts in which something grows."""
    plots = {}
    for part, rows in parts.items():
        section = SECTIONS[part]
        lines = [
            DrawnLine(
                _words(name), [(float(r[section.over]), float(r[name])) for r in rows if name in r]
            )
            for name in section.drawn
        ]
        if len(rows) > 1 and any(line.points for line in lines):
            plots[f"{part}.svg"] = line_plot(
                section.title, lines, x_label=_words(section.over), y_label=section.unit
            )
    return plots


def page_of(result: dict[str, Any], plots: dict[str, str]) -> str:
    """The page in Markdown."""
    on = result["machine"]
    lines = [
        "# Benchmarks",
        "",
        (
            "Made by `queueproof bench --docs docs`; do not edit. How to read them: "
            "[load.md](load.md#benchmarks)."
        ),
        "",
        (
            f"Measured {result['started_at'][:10]} on {on['processors']} processors "
            f"({on['system']}, {on['architecture']}), {on['memory_gb']} GB, Python {on['python']}; "
            "the generator and everything measured share them. The command:"
        ),
        "",
        "```sh",
        result["command"],
        "```",
    ]
    aims = _aims(result["aims"])
    lines += ["", *aims] if aims else []
    for part, rows in result["parts"].items():
        lines += ["", *_section(part, rows, plots)]
    return "\n".join(lines) + "\n"


def _aims(aims: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was measured of the aims; an aim whose systems were not there is left out."""
    words = {True: "reached", False: "**not reached**", None: "unknown"}
    rows = [
        f"| {aim['title']} | {aim['wanted']} | {aim['measured']} | {words[aim['reached']]} |"
        for aim in aims
        if aim["measured"]
    ]
    head = ["## Aims", "", "Ratios between rows of this one run.", ""]
    return [*head, "| what | wanted | measured | |", "|---|---|---|---|", *rows] if rows else []


def _section(part: str, rows: Sequence[Row], plots: dict[str, str]) -> list[str]:
    section, columns = SECTIONS[part], columns_of(part, rows)
    lines = [f"## {section.title}", "", section.says, ""]
    lines.append("| " + " | ".join(_words(name) for name in columns) + " |")
    lines.append("|" + "|".join("---" if name in _WORDS else "--:" for name in columns) + "|")
    lines += ["| " + " | ".join(_cell(row.get(name)) for name in columns) + " |" for row in rows]
    if f"{part}.svg" in plots:
        lines += ["", f"![{section.title}](benchmarks/{part}.svg)"]
    return lines


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value).replace("|", "/")


def _words(name: str) -> str:
    return name.removesuffix("_ms").replace("_", " ") + (" (ms)" if name.endswith("_ms") else "")
