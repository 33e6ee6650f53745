"""What the writers share: headlines, gaps, safe text."""

from __future__ import annotations

import pytest

from queueproof.reporting import digest
from queueproof.reporting.model import RunResult
from queueproof.reporting.text import seconds, shown, shown_in_line
from queueproof.verdicts import Verdict

from . import outage_samples, samples


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (samples.passing(), "1 of 1 assessed requirements holds"),
        (
            samples.every_verdict(),
            (
                "queueproof itself failed on 1 of 5 assessed requirements, 1 passed in part; "
                "2 not assessed"
            ),
        ),
        (samples.hostile(), "9 of 9 assessed requirements do not hold"),
        (outage_samples.chaos(), "2 of 3 assessed scenarios do not hold"),
        (samples.load(), "1 of 1 assessed load profiles could not be settled"),
        (samples.cut_short(), "cut short when 1 of 1 requirements were assessed"),
        (samples.result(samples.row("TTL-001")), "nothing was assessed"),
        (
            samples.result(*samples.rows_of_every_verdict()[::5], verdict=Verdict.INCONCLUSIVE),
            "only 1 of 2 requirements were assessed",
        ),
        (
            samples.result(verdict=Verdict.ERROR),
            "queueproof itself failed, so the run proves nothing",
        ),
    ],
)
def test_the_headline_says_what_the_run_found(result: RunResult, words: str) -> None:
    """Its numbers are those of the decisive verdict and of what was assessed."""
    assert digest.headline(result) == words


def test_what_was_not_assessed_is_grouped_by_reason_largest_first() -> None:
    """Cases of an otherwise judged requirement are named too."""
    rows = (*samples.rows_of_every_verdict(), samples.row("TTL-003", reason="left out by --only"))
    assert digest.unassessed(samples.result(*rows)) == {
        "left out by --only": ["TTL-002", "TTL-003"],
        "needs two workers": ["CANCEL-004 (in part)"],
        "needs redis access (give --redis-url)": ["TTL-001"],
    }


def test_a_worker_that_was_never_used_shows_as_a_gap() -> None:
    """Coverage is measured against the workers that the target has."""
    read, cancel = digest.coverage_grids(samples.every_verdict())
    assert (read.covered, read.possible, read.missing) == (9, 9, ())
    assert (cancel.covered, len(cancel.missing)) == (3, 6)


def test_unsafe_characters_are_written_out_and_others_stay() -> None:
    """Escapes, not omissions; letters of every script are themselves."""
    assert shown(samples.BACKWARDS) == (
        "queueproof gate \\u202elru\\u202c --only X \\u2066isolated\\u2069"
    )
    assert shown("a\r\nb\tc\x1b") == "a\nb\tc\\x1b"
    assert shown("rm\U000e002d\u200e\u2063x") == "rm\\U000e002d\\u200e\\u2063x"
    assert shown(samples.SCRIPTS) == samples.SCRIPTS
    assert shown_in_line("a\n\n  b") == "a b"


def test_no_line_of_a_targets_is_a_command_to_a_ci_runner() -> None:
    """At the beginning of a line or within it, since lines are folded; ids of cases stay."""
    assert shown("::error title=x::text") == "\\x3a:error title=x::text"
    assert shown("  ::add-mask::word") == "  \\x3a:add-mask::word"
    for blank in ("\n", "\u00a0", "\u2003", "\t"):
        assert "::error" not in shown_in_line(f"::error{blank}title=x::text"), ascii(blank)
    assert shown("said ::stop-commands::word") == "said \\x3a:stop-commands::word"
    assert shown("##[group]x") == "\\x23#[group]x"
    assert shown("##vso[task.setvariable]y") == "\\x23#vso[task.setvariable]y"
    assert shown("\x1b[0Ksection_start:1:x\r\x1b[0K") == "\\x1b[0Ksection_start:1:x\\x0d\\x1b[0K"
    assert shown("suites/polling/test_x.py::test_y") == "suites/polling/test_x.py::test_y"
    assert shown("x" * 12_000, limit=10_000).endswith("… (+2,000 characters, whole in report.json)")


@pytest.mark.parametrize(
    ("duration_s", "words"), [(0.0, "0.00 s"), (41.24, "41.2 s"), (725.0, "12 min 5 s")]
)
def test_durations_read_naturally(duration_s: float, words: str) -> None:
    """As precise as a person needs."""
    assert seconds(duration_s) == words
