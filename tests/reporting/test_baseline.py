"""Baselines: known failures do not fail a run, outdated entries do."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from queueproof.errors import UsageError
from queueproof.reporting.baseline import judged, load_baseline, parse, render, run_verdicts
from queueproof.reporting.model import Acceptance, CaseResult, RequirementResult, Standing
from queueproof.reporting.symptom import symptom_of
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
    row = poll(Verdict.FAILED)
    assert standing_of(row, until="2026-11-22") is Standing.ACCEPTED
    assert standing_of(row, until="2026-11-21") is Standing.EXPIRED


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


CASE = "suites/x.py::test_y"
DUPLICATED = "36 deliveries of 12 ticks: 12 duplicated (0, 1, 2, 3, 4, …)"


def entry_of(symptom: str, *, case: str = CASE, **more: str) -> Acceptance:
    return Acceptance(id="POLL-003", case=case, symptom=symptom, reason="known", **more)  # type: ignore[arg-type]


def failed(actual: str, id: str = CASE) -> CaseResult:  # noqa: A002
    return replace(samples.case("POLL-003", Verdict.FAILED), id=id, actual=actual)


def standings(row: RequirementResult, *entries: Acceptance) -> tuple[list[Standing], Verdict]:
    done = judged(entries, [row], today=TODAY, known=["POLL-003"])
    return [entry.standing for entry in done], worst(run_verdicts([row], done))


SYMPTOM = symptom_of(failed(DUPLICATED))


@pytest.mark.parametrize(
    ("actual", "standing", "verdict"),
    [
        (DUPLICATED, Standing.ACCEPTED, Verdict.PASSED),
        (
            "34 deliveries of 12 ticks: 10 duplicated (3, 4)",
            Standing.ACCEPTED,
            Verdict.PASSED,
        ),
        ("11 deliveries of 12 ticks: 1 missing (7)", Standing.CHANGED, Verdict.FAILED),
        (
            "35 deliveries of 12 ticks: 1 missing (7), 11 duplicated (0)",
            Standing.CHANGED,
            Verdict.FAILED,
        ),
    ],
)
def test_an_accepted_duplicate_does_not_accept_the_loss_of_events(
    actual: str, standing: Standing, verdict: Verdict
) -> None:
    """A case is accepted by its symptom; a changed one is a new failure."""
    row = samples.row("POLL-003", failed(actual))

    assert standings(row, entry_of(SYMPTOM)) == ([standing], verdict)


def test_another_case_of_the_requirement_is_not_accepted_along_with_it() -> None:
    """Only an entry without a case, as they were written formerly, is that broad, and says so."""
    row = samples.row("POLL-003", failed(DUPLICATED), failed(DUPLICATED, id="another"))

    assert standings(row, entry_of(SYMPTOM)) == ([Standing.ACCEPTED], Verdict.FAILED)
    broad = entry_of("", case="")
    assert standings(row, broad) == ([Standing.ACCEPTED], Verdict.PASSED)
    assert "accepts whatever fails here" in broad.words
    assert "accepts whatever" not in entry_of(SYMPTOM).words


def test_an_entry_is_stale_by_its_own_case() -> None:
    """That another case of the requirement fails does not keep it alive."""
    passed = replace(samples.case("POLL-003", Verdict.PASSED), id=CASE)
    row = samples.row("POLL-003", passed, failed(DUPLICATED, id="another"))

    assert standings(row, entry_of(SYMPTOM))[0] == [Standing.STALE]
    assert standings(row, entry_of(SYMPTOM, case="renamed"))[0] == [Standing.STALE]
    assert standings(row, entry_of(SYMPTOM, case="another"))[0] == [Standing.ACCEPTED]


def test_an_entry_of_a_case_that_was_not_asked_says_nothing() -> None:
    """Though others of the requirement passed."""
    skipped = replace(samples.case("POLL-003", Verdict.NOT_ASSESSED), id=CASE)
    row = samples.row("POLL-003", skipped, samples.case("POLL-003", Verdict.PASSED))

    assert standings(row, entry_of(SYMPTOM))[0] == [Standing.UNASKED]
    assert standings(row, entry_of("", case=""))[0] == [Standing.UNASKED]


def test_a_case_may_fail_in_several_known_ways() -> None:
    """An entry each."""
    missing = "11 deliveries of 12 ticks: 1 missing (7)"
    row = samples.row("POLL-003", failed(missing))
    both = entry_of(SYMPTOM), entry_of(symptom_of(failed(missing)))

    assert standings(row, *both) == ([Standing.CHANGED, Standing.ACCEPTED], Verdict.PASSED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("worker a answers 500 after 1.5 s", "worker b answers 503 after 0.25 s"),
        (
            "job 6f9619ff-8b86-d011-b42d-00cf4fc964ff never ended",
            "job 11111111-8b86-d011-b42d-00cf4fc964ff never ended",
        ),
        ("404 'no such job 17'", "404 'gone'"),
        ("ticks 0, 1, 2 came twice", "ticks 7 came twice"),
    ],
)
def test_what_differs_from_run_to_run_is_no_part_of_a_symptom(one: str, other: str) -> None:
    """Numbers, ids, letters of workers, quoted words."""
    assert symptom_of(failed(one)) == symptom_of(failed(other)) != ""


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
        ("nonsense", "not valid TOML"),
        ("[other]\n", r"\[\[accept\]\] entries and nothing else"),
        ("[[accept]]\nid = 'A'\n", "needs a reason"),
        ("[[accept]]\nreason = 'A'\n", "needs a id"),
        ("[[accept]]\nid = 'A'\nreason = 'x'\nwhy = 1\n", "symptom, reason and perhaps"),
        ("[[accept]]\nid = 'A'\nreason = 'x'\nsymptom = 's'\n", "name the case too"),
        ("[[accept]]\nid = 'A'\nreason = 'x'\ncase = 1\n", "case must be a string"),
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
    with pytest.raises(UsageError, match=r"--baseline .*: no such file"):
        load_baseline(tmp_path / "none.toml")
