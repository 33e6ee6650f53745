"""The history of a load run as every report's history: one line an operation, compressed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from queueproof.checkers.jobs import Finding
from queueproof.load.records import RECORDS
from queueproof.reporting import HISTORY

SOUND, DEVIANT = "sound", "deviant"


def write_history(
    rows: Iterable[dict[str, Any]], findings: Sequence[Finding], folder: Path
) -> None:
    """Write `history.jsonl.gz`; the generator's own records are then of no more use.

    Jobs with a deviation are of the case `deviant`, so that a page's timelines show them first.
    """
    wrong = {finding.job for finding in findings}
    ordered = sorted(rows, key=lambda row: float(row["invoked_s"]))
    with gzip.open(folder / HISTORY, "wt", encoding="utf-8") as sink:
        for number, row in enumerate(ordered):
            case = DEVIANT if row["job"] in wrong else SOUND
            line = {"number": number, "case": case, "worker": None, "asked": {}, **row}
            sink.write(json.dumps(line, ensure_ascii=False) + "\n")
    (folder / RECORDS).unlink(missing_ok=True)
