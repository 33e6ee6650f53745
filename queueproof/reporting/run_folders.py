"""The reports below a folder of runs: the newest of a kind, and how long its cases took."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPORT = "report.json"


def reports_below(out: Path) -> list[Path]:
    """Every run's report.json in a folder of `out`, the newest first."""
    found = out.glob(f"*/{REPORT}")
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def newest_report(out: Path, *, kind: str = "", contract: str = "") -> Path | None:
    """The newest report.json below `out`, of one kind of run and one contract if they are named.

    What is no report is passed over.
    """
    for path in reports_below(out):
        data = _read(path)
        kinds = (data.get("kind"), _table(data, "target").get("contract"))
        if data and kind in ("", kinds[0]) and contract in ("", kinds[1]):
            return path
    return None


def durations_in(path: Path | None) -> dict[str, float]:
    """Seconds of each case of a report.json that came to a verdict, by the case's id."""
    data = _read(path) if path is not None else {}
    return {
        str(case["id"]): float(case["duration_s"])
        for case in _cases(data)
        if case.get("verdict") != "not_assessed" and isinstance(case.get("duration_s"), int | float)
    }


def _cases(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in data.get("requirements") or ():
        cases = row.get("cases") if isinstance(row, dict) else None
        yield from (case for case in cases or () if isinstance(case, dict) and "id" in case)


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
