"""How a failure shows, without what differs from one run to the next: its symptom.

A known failure is recognised by it. Numbers, ids, workers' letters, quoted words and lists are left
out, so that "36 deliveries of 12 ticks: 12 duplicated (0, 1, 2)" and "34 deliveries of 12 ticks: 10
duplicated (3, 4)" are one symptom, and "11 deliveries of 12 ticks: 1 missing (7)" is another.
"""

from __future__ import annotations

import re

from queueproof.reporting.model import CaseResult
from queueproof.reporting.text import shown_in_line

_LONGEST = 160
_LEFT_OUT = (
    (re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}"), ""),
    (re.compile(r"'[^']*'|\"[^\"]*\""), "…"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b(?=\w*\d)[0-9a-f]{8,}\b", re.IGNORECASE), "…"),
    (re.compile(r"(?<![\w#])[-+]?\d+(?:[.,]\d+)*"), "#"),
    (re.compile(r"\b(workers?|via|on|from|of) [a-z]\b"), r"\1 …"),
    (re.compile(r"#(?:\s*(?:,|\.\.|→|and)\s*#)+"), "#"),
)


def symptom_of(case: CaseResult) -> str:
    """The symptom of a failed case, in one line; empty where nothing was said of it."""
    text = shown_in_line(case.actual)
    before = ""
    while text != before:
        before = text
        for pattern, instead in _LEFT_OUT:
            text = pattern.sub(instead, text)
    return " ".join(text.split())[:_LONGEST].strip()
