"""A run's verdict from those of its requirements."""

from __future__ import annotations

import pytest

from queueproof.running.gate import verdict_of
from queueproof.verdicts import Verdict

PASSED, PARTLY, SKIPPED = Verdict.PASSED, Verdict.PASSED_IN_PART, Verdict.NOT_ASSESSED


@pytest.mark.parametrize(
    ("verdicts", "lenient", "strict"),
    [
        ([PASSED, PASSED], PASSED, PASSED),
        ([PASSED, SKIPPED], PASSED, Verdict.INCONCLUSIVE),
        ([PASSED, PARTLY], PASSED, Verdict.INCONCLUSIVE),
        ([PARTLY], PARTLY, Verdict.INCONCLUSIVE),
        ([SKIPPED, Verdict.FAILED], Verdict.FAILED, Verdict.FAILED),
    ],
)
def test_strict_wants_everything_asked(
    verdicts: list[Verdict], lenient: Verdict, strict: Verdict
) -> None:
    """What was not asked, wholly or in part, proves nothing under --strict; a failure stays one."""
    assert verdict_of(verdicts, strict=False, cut_short=False) is lenient
    assert verdict_of(verdicts, strict=True, cut_short=False) is strict


def test_a_run_that_was_cut_short_is_inconclusive() -> None:
    """However well it went until then."""
    assert verdict_of([PASSED], strict=False, cut_short=True) is Verdict.INCONCLUSIVE
