"""report.html: one file that opens anywhere, with the network off.

The page is made from `reports/templates/`: `report.html.j2` puts the parts together; style and
scripts, the charting library (`vendor/`) among them where there is something to draw, are carried
inside it as one of each. A content security policy names the two by their hash, so that even a
string that slipped through the escaping could neither run nor load anything. Data for the scripts
stands in blocks of JSON, which no browser executes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from queueproof import paths
from queueproof.reporting import (
    charts,
    consequences,
    digest,
    docs_links,
    figures,
    outages,
    quantities,
    tables,
    timeline,
    variants,
    what_broke,
)
from queueproof.reporting.model import RunResult
from queueproof.reporting.text import seconds, shown
from queueproof.reporting.what_broke import BreachGroup
from queueproof.verdicts import Verdict

_LIBRARY = "vendor/uPlot.iife.min.js"
_FIELD_LIMIT = 2_000
_TRACE_LINES = 200
_BAR_WIDTH = 1_000
#: How many findings of one outage stand open; the others are folded.
_FINDINGS = 6
#: A failing chaos run is printed on three pages: so many breaches a consequence, outages in detail.
_BREACHES_ON_PAPER, _OUTAGES_ON_PAPER = 3, 2


def render(result: RunResult, *, history: Path | None = None) -> str:
    """The page. Every string of the target's is escaped and cut to a readable length.

    `history` is the run's `history.jsonl.gz`; without such a file the page has no timelines.
    Raises `UsageError` if the file is there but is no history.
    """
    # A load run has as many jobs as it likes; those that deviate stand first in its history.
    rows: list[timeline.Row] = []
    more = 0
    if history and history.is_file():
        if result.kind == "load":
            rows = timeline.read_history(history, limit=timeline.ROWS_OF_LOAD)
        else:
            rows, more = timeline.read_telling(history, result)
    broke = what_broke.groups_of(result)
    drawn = bool(rows) or any(charts.charts_of(profile) for profile in result.profiles)
    return page(
        "report.html.j2",
        scripts=(*((_LIBRARY, "timeline.js", "charts.js") if drawn else ()), "filter.js"),
        result=result,
        headline=digest.headline(result),
        workers=digest.workers_in_words(result),
        subject=digest.subject(result),
        consequences=consequences.failed(result),
        share=digest.share(result),
        counts=_counts(result),
        bar=_bar(result.counts()),
        attention=_attention(result, broke),
        broke=broke,
        first=what_broke.first_of(broke),
        outages_in_words=what_broke.outages_in_words(broke, len(result.scenarios)),
        areas=digest.by_area(result),
        unassessed=digest.unassessed(result),
        grids=digest.coverage_grids(result),
        asked=variants.columns(result),
        legend=variants.LEGEND,
        quantities=[(quantities.words_of(each), each) for each in result.quantities],
        percentiles=quantities.PERCENTILES,
        trace_lines=_TRACE_LINES,
        findings_shown=_FINDINGS,
        breaches_on_paper=_BREACHES_ON_PAPER,
        on_paper=what_broke.outages_first(broke)[:_OUTAGES_ON_PAPER],
        known_ids={row.id for row in result.requirements},
        history=timeline.compact(result, rows, more=more) if rows else None,
    )


def _attention(result: RunResult, broke: list[BreachGroup]) -> list[consequences.Group]:
    """What needs attention and is not told by outage."""
    told = {breach.row.id for group in broke for breach in group.breaches}
    groups = (
        replace(group, rows=tuple(row for row in group.rows if row.id not in told))
        for group in consequences.wanting(result)
    )
    return [group for group in groups if group.rows]


def page(template: str, *, scripts: tuple[str, ...] = ("filter.js",), **content: Any) -> str:
    """Any page of ours: one template with style, scripts and security policy around it."""
    templates = paths.folder("reports") / "templates"
    styles = ("vendor/uPlot.min.css",) if _LIBRARY in scripts else ()
    style = "\n".join(_asset(templates / name) for name in (*styles, "style.css"))
    script = "\n".join(_asset(templates / name) for name in scripts)
    content |= {
        "verdicts": digest.READING_ORDER,
        "signs": digest.SYMBOLS,
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "policy": _policy(style, script),
    }
    return _environment(templates).get_template(template).render(content)


@cache
def _environment(templates: Path) -> Environment:
    """One for all pages of a process: compiling the templates takes longer than filling them in."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "seconds": seconds,
        "reason": digest.reason_of,
        "more_about": docs_links.link_to,
        "happened": consequences.what_happened,
        "tally": digest.tally_of,
        "holds": digest.holds,
        "entry_verdict": digest.entry_verdict,
        "pretty": _pretty,
        "data": _data,
        "charts": charts.charts_of,
        "grids": figures.grids_of,
        "beside_grids": figures.beside_grids,
        "sweep": tables.sweep_of,
        "facts": tables.facts_of,
        "phases": tables.phase_names,
        "sentences": outages.sentences_of,
        "phase_grid": outages.phase_grid,
        "findings": outages.findings_of,
        "accounting": figures.accounting_of,
        "phase": tables.phase_of,
        "mark": variants.mark_of,
    }
    return environment


def _safe(value: Any) -> Any:
    """What an expression puts on the page: text is shown as `text.shown` shows it."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return shown(value, limit=_FIELD_LIMIT)
    return value


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _data(value: Any) -> Markup:
    """`value` as JSON that can stand in a page: nothing in it can end the element it is in."""
    return htmlsafe_json_dumps(value, ensure_ascii=False, separators=(",", ":"))


def _asset(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_source_hash(style)}; script-src {_source_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _source_hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _counts(result: RunResult) -> dict[str, dict[str, int]]:
    return {
        "all": result.counts(),
        "must": result.counts("MUST"),
        "should": result.counts("SHOULD"),
    }


def _bar(counts: dict[str, int]) -> list[tuple[Verdict, float, float]]:
    """Each verdict's stretch of the bar on top of the page: verdict, offset, width."""
    total = sum(counts.values())
    stretches, offset = [], 0.0
    for verdict in digest.READING_ORDER:
        if width := counts[verdict.value] * _BAR_WIDTH / total if total else 0.0:
            stretches.append((verdict, round(offset, 2), round(width, 2)))
            offset += width
    return stretches
