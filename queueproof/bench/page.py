"""The page of a benchmark: a table a part, a plot where something grows, and the command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from queueproof.bench.measuring import Row
from queueproof.reporting.drawing import Line, line_plot


@dataclass(frozen=True, kw_only=True)
class Section:
    """How a part is shown: what it answers, which columns, and what is drawn over what."""

    title: str
    says: str
    columns: tuple[str, ...]
    over: str = ""
    drawn: tuple[str, ...] = ()
    unit: str = ""


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
        "against one XADD after another by `redis-benchmark`.",
        columns=(
            *("system", "clients", "jobs_per_s", "requests_per_s", "submit_p50_ms"),
            *("submit_p99_ms", "p50_ms", "p99_ms", "target_ms_a_job"),
        ),
    ),
    "cancels": Section(
        title="Cancel to stopped",
        says="From a cancel, asked of whichever worker, to the end of the job's stream.",
        columns=(
            *("system", "cancel_to_stopped_p50_ms", "cancel_to_stopped_p99_ms", "jobs"),
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
        columns=("system", "workers", *_JOBS, "rss_mb", "rss_mb_a_process", "deviant_jobs"),
        over="workers",
        drawn=("jobs_per_s",),
        unit="jobs a second",
    ),
    "in-flight": Section(
        title="Jobs in flight",
        says="Jobs that stay, with a reader each, submitted on a schedule until all are there.",
        columns=(
            *("system", "wanted", "in_flight", "submit_p50_ms", "submit_p99_ms"),
            *("first_event_p99_ms", "rss_mb", "redis_mb", "redis_keys", "failed", "deviant_jobs"),
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
            *("rss_mb", "failed", "deviant_jobs"),
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
    """The part's columns that some row fills."""
    return [name for name in SECTIONS[part].columns if any(name in row for row in rows)]


def plots_of(parts: dict[str, list[Row]]) -> dict[str, str]:
    """SVG drawings by file name, for the parts in which something grows."""
    plots = {}
    for part, rows in parts.items():
        section = SECTIONS[part]
        lines = [
            Line(
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
    for part, rows in result["parts"].items():
        lines += ["", *_section(part, rows, plots)]
    return "\n".join(lines) + "\n"


def _section(part: str, rows: Sequence[Row], plots: dict[str, str]) -> list[str]:
    section, columns = SECTIONS[part], columns_of(part, rows)
    lines = [f"## {section.title}", "", section.says, ""]
    lines.append("| " + " | ".join(_words(name) for name in columns) + " |")
    lines.append("|" + "|".join("---" if name == "system" else "--:" for name in columns) + "|")
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
