"""A badge: the verdict in a few letters, as an SVG of our own or as JSON for shields.io."""

from __future__ import annotations

import json

from markupsafe import escape

from queueproof.reporting.model import RunResult
from queueproof.reporting.text import shown_in_line
from queueproof.verdicts import Verdict

_COLORS = {
    Verdict.PASSED: ("#2c7a45", "brightgreen"),
    Verdict.PASSED_IN_PART: ("#2c7a45", "green"),
    Verdict.FAILED: ("#b3261e", "red"),
    Verdict.INCONCLUSIVE: ("#8a5a00", "yellow"),
    Verdict.ERROR: ("#7331a6", "blueviolet"),
    Verdict.NOT_ASSESSED: ("#5a6370", "lightgrey"),
}
_LETTER_WIDTH, _PADDING = 6.6, 12


def render_json(result: RunResult) -> str:
    """The shields.io endpoint document (schema version 1)."""
    document = {
        "schemaVersion": 1,
        "label": _label(result),
        "message": _message(result),
        "color": _COLORS[result.verdict][1],
        "isError": result.verdict in (Verdict.FAILED, Verdict.ERROR),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def render_svg(result: RunResult) -> str:
    """A flat badge with a title, readable by a screen reader, without any outside font."""
    label, message = _label(result), _message(result)
    left, right = _width(label), _width(message)
    whole = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" '
        f'aria-label="{escape(label)}: {escape(message)}">'
        f"<title>{escape(label)}: {escape(message)}</title>"
        f'<rect width="{whole}" height="20" rx="3" fill="#3a414b"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left}z" '
        f'fill="{_COLORS[result.verdict][0]}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        'text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - _PADDING}">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - _PADDING}">'
        f"{escape(message)}</text></g></svg>\n"
    )


def _label(result: RunResult) -> str:
    return shown_in_line(f"queueproof {result.target.contract}", limit=60)


def _message(result: RunResult) -> str:
    """How much holds of what was assessed; without requirements, the verdict."""
    counts, words = result.counts(), result.verdict.words
    if not result.assessed:
        return words
    if result.accepted and result.verdict is Verdict.PASSED:
        return f"passed, {len(result.accepted)} accepted"
    in_part = f" ({result.in_part} in part)" if result.in_part else ""
    held = counts["passed"] + result.in_part
    return f"{words} {held}/{result.assessed}{in_part}"


def _width(text: str) -> int:
    return round(len(text) * _LETTER_WIDTH) + _PADDING
