"""report.html: one file that opens anywhere, with the network off.

The page is made from `reports/templates/`: `report.html.j2` puts the parts together, `style.css`
and `filter.js` are carried inside it. A content security policy names the two by their hash, so
that even a string that slipped through the escaping could neither run nor load anything.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from queueproof import house
from queueproof.reporting import digest, variants
from queueproof.reporting.model import RunResult
from queueproof.reporting.text import seconds, shown
from queueproof.verdicts import Verdict

_FIELD_LIMIT = 2_000
_TRACE_LINES = 200
_BAR_WIDTH = 1_000


def render(result: RunResult) -> str:
    """The page. Every string of the target's is escaped and cut to a readable length."""
    templates = house.path("reports") / "templates"
    style, script = _asset(templates / "style.css"), _asset(templates / "filter.js")
    return (
        _environment(templates)
        .get_template("report.html.j2")
        .render(
            result=result,
            headline=digest.headline(result),
            verdicts=digest.READING_ORDER,
            signs=digest.SYMBOLS,
            counts=_counts(result),
            bar=_bar(result.counts()),
            attention=_attention(result),
            areas=digest.by_area(result),
            entries=digest.entries(result),
            unassessed=digest.unassessed(result),
            grids=digest.coverage_grids(result),
            asked=variants.columns(result),
            legend=variants.LEGEND,
            trace_lines=_TRACE_LINES,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=_policy(style, script),
        )
    )


def _environment(templates: Path) -> Environment:
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
        "tally": digest.tally_of,
        "entry_verdict": digest.entry_verdict,
        "pretty": _pretty,
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


def _attention(result: RunResult) -> list[Any]:
    wanting = (Verdict.FAILED, Verdict.ERROR, Verdict.INCONCLUSIVE)
    return [row for verdict in wanting for row in digest.rows_with(result, verdict)]


def _bar(counts: dict[str, int]) -> list[tuple[Verdict, float, float]]:
    """Each verdict's stretch of the bar on top of the page: verdict, offset, width."""
    total = sum(counts.values())
    stretches, offset = [], 0.0
    for verdict in digest.READING_ORDER:
        if width := counts[verdict.value] * _BAR_WIDTH / total if total else 0.0:
            stretches.append((verdict, round(offset, 2), round(width, 2)))
            offset += width
    return stretches
