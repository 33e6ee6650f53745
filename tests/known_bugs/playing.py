"""One side of a pair: a visit to the lab for one requirement, as a user would make it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WITHIN_S = 900.0
UNSETTLED = ("inconclusive", "none")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The requirement's verdict, what was seen in a line, and the seconds that the visit took."""

    verdict: str
    actual: str
    took_s: float


Visit = Callable[[Sequence[str], str], Seen]


def play(visit: Visit, words: Sequence[str], requirement: str) -> Seen:
    """What a visit shows; one that settled nothing is made once more.

    A verdict is never asked again: a bug that passed, and a good release that failed, stay so.
    """
    seen = visit(words, requirement)
    return visit(words, requirement) if seen.verdict in UNSETTLED else seen


def visit_lab(words: Sequence[str], requirement: str) -> Seen:
    """`queueproof lab WORDS --launch --workers 1 --only REQUIREMENT`."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="known-bugs-") as out:
        command = [sys.executable, "-m", "queueproof", "lab", *words]
        options = ["--launch", "--workers", "1", "--only", requirement, "--out", out]
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, timeout=_WITHIN_S, check=False
        )
        row = row_of(Path(out), requirement)
    said = (done.stdout + done.stderr).strip().splitlines()
    return Seen(
        verdict=row.get("verdict", "none"),
        actual=actual_of(row) or (said[-1] if said else ""),
        took_s=time.monotonic() - began,
    )


def row_of(out: Path, requirement: str) -> dict[str, Any]:
    """The requirement's row in the report below `out`; empty where there is none."""
    for path in out.glob("*/report.json"):
        rows = json.loads(path.read_text("utf-8"))["requirements"]
        return next((row for row in rows if row["id"] == requirement), {})
    return {}


def actual_of(row: dict[str, Any]) -> str:
    """What the row's first case that says something saw."""
    cases = row.get("cases", ())
    said = (case.get("actual") or case.get("reason") or "" for case in cases)
    return next((" ".join(text.split()) for text in said if text), "")
