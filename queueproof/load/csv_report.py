"""The figures as CSV, for a spreadsheet: `timeline.csv` over time, `percentiles.csv` as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from queueproof.reporting.files import replace_file

TIMELINE, PERCENTILES = "timeline.csv", "percentiles.csv"


def write(entry: Mapping[str, Any], folder: Path) -> None:
    """Write both files of a profile's entry; raises UsageError when they cannot be written."""
    replace_file(folder / TIMELINE, _table(entry["timeline"]))
    rows = [
        {"operation": name, "samples": entry["samples"][name], **percentiles}
        for name, percentiles in entry["latency_ms"].items()
    ]
    replace_file(folder / PERCENTILES, _table(rows))


def _table(rows: Iterable[Mapping[str, Any]]) -> str:
    rows = list(rows)
    columns = dict.fromkeys(name for row in rows for name in row)
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue()
