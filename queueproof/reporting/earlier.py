"""Reports of earlier schema versions, brought to the present one as they are read.

Only what can be derived from what they hold is added: version 1.0 knew neither requirements that
passed in part nor the share that was judged, and its baselines accepted whole requirements.
"""

from __future__ import annotations

from typing import Any

from queueproof.reporting.model import SCHEMA_VERSION

EARLIER = ("1.0",)
_LEVELS = {"counts": None, "must": "MUST", "should": "SHOULD"}


def upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """The document as the present version would have it; one of no earlier version as it is.

    What it says of itself is moved, not computed anew, so that a document whose parts contradict
    each other still does.
    """
    if data.get("schema_version") not in EARLIER or not _has_parts(data):
        return data
    rows = [_row(row) for row in data["requirements"]]
    document = {**data, "schema_version": SCHEMA_VERSION, "requirements": rows}
    document["summary"] = _summary(data["summary"], rows)
    if "baseline" in data:
        document["baseline"] = [{"case": "", "symptom": "", **entry} for entry in data["baseline"]]
    return document


def _has_parts(data: dict[str, Any]) -> bool:
    """Whether it can be upgraded at all; the schema says what is wrong where it cannot."""
    summary, rows = data.get("summary"), data.get("requirements")
    return (
        isinstance(summary, dict)
        and isinstance(rows, list)
        and all(isinstance(summary.get(name), dict) for name in _LEVELS)
        and all(isinstance(row, dict) and isinstance(row.get("cases"), list) for row in rows)
        and isinstance(data.get("baseline", []), list)
        and all(isinstance(entry, dict) for entry in data.get("baseline", []))
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    verdicts = {case.get("verdict") for case in row["cases"] if isinstance(case, dict)}
    partly = row.get("verdict") == "passed" and verdicts == {"passed", "not_assessed"}
    return {**row, "verdict": "passed_in_part"} if partly else row


def _summary(summary: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    told = {**summary}
    for name, level in _LEVELS.items():
        own = [row for row in rows if level in (None, row.get("level"))]
        partly = sum(row.get("verdict") == "passed_in_part" for row in own)
        counts = summary[name]
        told[name] = {
            **counts,
            "passed": counts.get("passed", 0) - partly,
            "passed_in_part": partly,
        }
    told["assessed"] = {
        "of": len(rows),
        "judged": sum(row.get("verdict") != "not_assessed" for row in rows),
        "in_part": sum(row.get("verdict") == "passed_in_part" for row in rows),
    }
    return told
