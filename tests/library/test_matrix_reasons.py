"""Why cells of a matrix were not played: the last words of a run that made no report."""

from __future__ import annotations

from pathlib import Path

import pytest

from queueproof.lab.matrix_run import _why_no_report

REFUSED = "$ queueproof lab rq\nqueueproof: the registry has no such version\n"


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (REFUSED, "queueproof: the registry has no such version"),
        (f"{REFUSED}\n$ queueproof lab rq\nerror\nreport    a/repor\n     t.html\n", ""),
        (f"$ queueproof lab rq\nreport    a/report.html\n{REFUSED}", REFUSED.splitlines()[1]),
    ],
    ids=["refused", "an outage in error", "refused after a report"],
)
def test_a_run_that_made_a_report_has_no_reason_of_its_own(
    tmp_path: Path, log: str, reason: str
) -> None:
    """An outage in error ends it with 5; the report tells of each."""
    file = tmp_path / "outages.log"
    file.write_text(log, "utf-8")

    assert _why_no_report(file) == reason
