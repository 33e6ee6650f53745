"""Baselines: known failures do not fail a run, outdated entries do."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from queueproof.errors import UsageError
from queueproof.reporting.baseline import judged, load_baseline, parse, render, run_verdicts
from queueproof.reporting.model import Acceptance, RequirementResult, Standing
from queueproof.verdicts import Verdict, worst

from . import samples

TODAY = date(2026, 11, 22)


def standing_of(row: RequirementResult | None, *, until: str = "", known: bool = True) -> Standing:
    """What becomes of one entry for POLL-003 when `row` is what the run has."""
    entry = Acceptance(id="POLL-003", reason="known", until=until)
    rows = [row] if row else []
    [done] = judged([entry], rows, today=TODAY, known=["POLL-003"] if known else [])
    return done.standing


def poll(verdict: Verdict) -> RequirementResult:
    return samples.row("POLL-003", samples.case("POLL-003", verdict))


@pytest.mark.parametrize(
    ("verdict", "standing"),
    [
        (Verdict.FAILED, Standing.ACCEPTED),
        (Verdict.INCONCLUSIVE, Standing.ACCEPTED),
        (Verdict.PASSED, Standing.STALE),
        (Verdict.NOT_ASSESSED, Standing.UNASKED),
        (Verdict.ERROR, Standing.UNASKED),
    ],
)
def test_an_entry_has_its_standing_by_what_the_run_found(
    verdict: Verdict, standing: Standing
) -> None:
    """Only a failure can be accepted; a requirement that holds makes its entry stale."""
    assert standing_of(poll(verdict)) is standing


def test_an_entry_for_nothing_that_exists_is_stale() -> None:
    """A typing error must not excuse anything for ever."""
    assert standing_of(None, known=False) is Standing.STALE


def test_an_entry_outside_the_selection_says_nothing() -> None:
    """`--only` does not make a baseline stale."""
    assert standing_of(None) is Standing.UNASKED


def test_an_entry_holds_on_its_last_day_and_not_after() -> None:
    """The day named is included."""
    failed = poll(Verdict.FAILED)
    assert standing_of(failed, until="2026-11-22") is Standing.ACCEPTED
    assert standing_of(failed, until="2026-11-21") is Standing.EXPIRED


@pytest.mark.parametrize(
    ("entries", "verdict"),
    [
        ([("POLL-003", Standing.ACCEPTED)], Verdict.PASSED),
        ([("POLL-003", Standing.EXPIRED)], Verdict.FAILED),
        ([("POLL-003", Standing.ACCEPTED), ("POLL-001", Standing.STALE)], Verdict.FAILED),
        ([("POLL-001", Standing.UNASKED)], Verdict.FAILED),
    ],
)
def test_a_run_fails_by_unexpected_failures_and_outdated_entries_alone(
    entries: list[tuple[str, Standing]], verdict: Verdict
) -> None:
    """Everything accepted and nothing outdated is a pass."""
    accepted = [Acceptance(id=name, reason="r", standing=each) for name, each in entries]
    assert worst(run_verdicts([poll(Verdict.FAILED)], accepted)) is verdict


def test_what_is_written_can_be_read_and_accepts_the_run_it_came_from() -> None:
    """Quotes and markup in reasons survive."""
    text = render(samples.every_verdict(), reason='a "known" \\ thing', until="2027-03-31")
    entries = parse(text, "baseline.toml")
    assert [(e.id, e.reason, e.until) for e in entries] == [
        ("POLL-003", 'a "known" \\ thing', "2027-03-31")
    ]
    assert tomllib.loads(text)["accept"][0]["until"] == date(2027, 3, 31)


def test_writing_anew_keeps_the_words_of_earlier_entries() -> None:
    """The reason somebody wrote is not overwritten."""
    text = render(samples.with_baseline(), reason="new")
    entries = {entry.id: entry for entry in parse(text, "b")}
    assert entries["POLL-003"].reason == samples.MARKUP
    assert entries["TTL-009"].reason == "waits for 1.14"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "is not TOML"),
        ("[other]\n", r"\[\[accept\]\] entries and nothing else"),
        ("[[accept]]\nid = 'A'\n", "needs a reason"),
        ("[[accept]]\nreason = 'A'\n", "needs a id"),
        ("[[accept]]\nid = 'A'\nreason = 'x'\nwhy = 1\n", "id, reason and perhaps"),
        ("[[accept]]\nid = 'A'\nreason = 'x'\nuntil = '2027-03-31'\n", "without quotes"),
        ("[[accept]]\nid = 'A'\nreason = 'x'\n" * 2, "more than one entry for A"),
    ],
)
def test_a_wrong_baseline_is_refused(text: str, message: str) -> None:
    """Before anything runs, with one line that says what is wrong."""
    with pytest.raises(UsageError, match=message):
        parse(text, "baseline.toml")


def test_a_missing_baseline_is_a_usage_error(tmp_path: Path) -> None:
    """Not an empty one."""
    with pytest.raises(UsageError, match="cannot read the baseline"):
        load_baseline(tmp_path / "none.toml")
