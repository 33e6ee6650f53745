"""The proof's own judgement: what passes, what is blind, what is unjust."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from queueproof.reporting import write_all
from queueproof.reporting.json_report import load
from queueproof.requirements import load_registry
from queueproof.verdicts import ExitCode, Verdict
from tests.faulty.catalogue import Kind, Variant
from tests.faulty.judging import Judgement, Played, judge, left_open, unproven, without_variant
from tests.faulty.matrix import result_of, run_info
from tests.faulty.playing import Plan, command, operations_of, played_of

PASSED, FAILED, UNSETTLED = Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE


def broken(*fails: str) -> Variant:
    return Variant(name="b", kind=Kind.FAULTY, incident="seen", fails=frozenset(fails))


HARMLESS = Variant(name="h", kind=Kind.HARMLESS, incident="seen")
MECHANICAL = Variant(name="m", kind=Kind.MECHANICAL, incident="made", alters="poll 500")


def judged(variant: Variant, **verdicts: Verdict) -> Judgement:
    named = {name.replace("_", "-"): verdict for name, verdict in verdicts.items()}
    return judge(variant, Played(verdicts=named))


def test_exactly_what_must_fail_is_a_pass() -> None:
    """Another requirement may be left open: its case could not get to its question."""
    told = judged(broken("POLL-003"), POLL_003=FAILED, POLL_001=PASSED, POLL_004=UNSETTLED)

    assert (told.verdict, told.reason) == (PASSED, "")


@pytest.mark.parametrize("got", [PASSED, UNSETTLED, Verdict.NOT_ASSESSED])
def test_a_requirement_that_does_not_fail_is_blind(got: Verdict) -> None:
    """Whether it passed, or could not be settled."""
    told = judged(broken("POLL-003"), POLL_003=got)

    assert told.verdict is FAILED
    assert told.reason == "not failed by POLL-003"


def test_a_requirement_that_was_not_even_asked_is_blind() -> None:
    """What did not come back did not fail."""
    assert judged(broken("POLL-003"), POLL_001=PASSED).blind == {"POLL-003"}


def test_a_requirement_that_fails_besides_is_unjust() -> None:
    """The set must be exact."""
    told = judged(broken("POLL-003"), POLL_003=FAILED, POLL_001=FAILED)

    assert told.reason == "wrongly failed by POLL-001"


@pytest.mark.parametrize("got", [FAILED, UNSETTLED, Verdict.NOT_ASSESSED])
def test_a_harmless_variant_must_pass_everything(got: Verdict) -> None:
    """A doubt counts, too."""
    assert judged(HARMLESS, POLL_001=PASSED, POLL_002=got).verdict is FAILED
    assert judged(HARMLESS, POLL_001=PASSED).verdict is PASSED


def test_our_own_error_outranks_everything() -> None:
    """A gate that came to nothing, or a case that broke, proves nothing."""
    assert judged(broken("POLL-003"), POLL_003=FAILED, POLL_001=Verdict.ERROR).verdict is (
        Verdict.ERROR
    )
    told = judge(broken("POLL-003"), Played(trouble="the gate ended with exit code 5"))
    assert (told.verdict, told.reason) == (Verdict.ERROR, "the gate ended with exit code 5")


@pytest.mark.parametrize(
    ("verdicts", "open_ids"),
    [
        ({"POLL_003": UNSETTLED}, {"POLL-003"}),
        ({"POLL_003": FAILED, "POLL_001": UNSETTLED}, set()),
        ({"POLL_003": PASSED}, set()),
        ({"POLL_003": Verdict.NOT_ASSESSED}, set()),
        ({"POLL_003": UNSETTLED, "POLL_001": FAILED}, set()),
        ({"POLL_003": UNSETTLED, "POLL_001": Verdict.ERROR}, set()),
    ],
)
def test_only_what_could_not_be_judged_is_open(
    verdicts: dict[str, Verdict], open_ids: set[str]
) -> None:
    """A fault that was overlooked, or a wrong accusation, is never played again."""
    assert left_open(judged(broken("POLL-003"), **verdicts)) == open_ids


def test_a_case_in_doubt_is_open_where_its_requirement_was_to_fail() -> None:
    """Another case failed it: the requirement is judged, the case is not proven yet."""
    verdicts = {"POLL-003": FAILED, "POLL-001": PASSED}
    doubted = Played(verdicts=verdicts, doubted=frozenset({"POLL-003", "POLL-001"}))
    accused = replace(doubted, verdicts={"POLL-003": FAILED, "POLL-001": FAILED})

    assert left_open(judge(broken("POLL-003"), doubted)) == {"POLL-003"}
    assert left_open(judge(broken("POLL-003"), accused)) == frozenset()
    assert (
        left_open(judge(HARMLESS, replace(doubted, verdicts={"POLL-003": PASSED}))) == frozenset()
    )


def test_a_doubt_about_a_harmless_variant_is_open() -> None:
    """It must pass everything, which a run that could not judge does not say."""
    assert left_open(judged(HARMLESS, POLL_001=PASSED, POLL_002=UNSETTLED)) == {"POLL-002"}
    assert left_open(judged(HARMLESS, POLL_001=FAILED, POLL_002=UNSETTLED)) == frozenset()


def test_an_outage_need_not_give_a_harmless_variant_occasion_for_everything() -> None:
    """A gate must judge what is asked of it, an outage what came to pass in it."""
    outage = replace(HARMLESS, scenario="CHAOS-201")
    verdicts = {"OUTG_001": PASSED, "OUTG_002": Verdict.NOT_ASSESSED}

    assert judged(outage, **verdicts).unsettled == frozenset()
    assert judged(HARMLESS, **verdicts).unsettled == {"OUTG-002"}


def test_every_requirement_needs_a_broken_variant_or_a_reason() -> None:
    """A harmless variant does not count, an unknown excuse does no harm."""
    registry = load_registry("langflow")
    everything = {requirement.id for requirement in registry}
    lacking = without_variant(registry, [broken("POLL-003"), HARMLESS], {"POLL-001": "why"})

    assert lacking == everything - {"POLL-001", "POLL-003"}


def proof(*told: Judgement, **options: object) -> object:
    run = run_info(started=datetime.now(UTC), duration_s=1.0, command="x", seed=1)
    return result_of(
        told,
        registry=load_registry("langflow"),
        contract="langflow",
        run=run,
        **{"unbreakable": {}, "whole": False, **options},  # type: ignore[arg-type]
    )


def test_the_report_follows_the_schema_and_reads_back(tmp_path: Path) -> None:
    """The rows are requirements, their cases the variants that speak for them."""
    good = judged(broken("POLL-003"), POLL_003=FAILED, POLL_001=PASSED)
    result = proof(good)
    paths = write_all(result, tmp_path)  # type: ignore[arg-type]

    read = load(paths["report.json"])

    assert read == result
    assert read.exit_code is ExitCode.PASSED
    assert [(row.id, row.verdict) for row in read.requirements] == [("POLL-003", PASSED)]
    assert "POLL-003" in paths["report.html"].read_text("utf-8")


def test_a_requirement_without_variant_fails_the_whole_proof() -> None:
    """Though every variant came out well."""
    good = judged(broken("POLL-003"), POLL_003=FAILED)

    result = proof(good, whole=True, without={"POLL-001"})

    rows = {row.id: row.verdict for row in result.requirements}  # type: ignore[attr-defined]
    assert (rows["POLL-001"], rows["POLL-002"]) == (FAILED, Verdict.NOT_ASSESSED)
    assert result.exit_code is ExitCode.FAILED  # type: ignore[attr-defined]


def test_an_excuse_for_what_a_variant_breaks_is_stale() -> None:
    """The list of reasons must not outlive its reasons."""
    good = judged(broken("POLL-003"), POLL_003=FAILED)

    result = proof(good, unbreakable={"POLL-003": "cannot be broken"})

    assert result.exit_code is ExitCode.FAILED  # type: ignore[attr-defined]


def test_a_gates_report_is_read_by_requirement() -> None:
    """The verdict of the row, and what its gravest case says."""
    case = {"id": "c1", "verdict": "failed", "actual": "nine duplicates", "reason": ""}
    passed = {"id": "c2", "verdict": "passed", "actual": "", "reason": ""}
    rows = [
        {"id": "POLL-003", "verdict": "failed", "cases": [passed, case]},
        {"id": "POLL-001", "verdict": "passed", "cases": [passed]},
    ]

    played = played_of({"requirements": rows}, duration_s=2.0)

    assert played.verdicts == {"POLL-003": FAILED, "POLL-001": PASSED}
    assert played.actuals == {"POLL-003": "nine duplicates"}
    assert played.cases == {"c1": FAILED, "c2": PASSED}


def test_a_case_is_proven_by_the_failure_of_its_own_and_no_others() -> None:
    """A sibling's failure proves nothing, nor does one on a harmless or a mechanical variant."""
    cases = {"suites/a.py::one": FAILED, "suites/a.py::two": PASSED}
    elsewhere = Played(cases={"suites/a.py::two": FAILED})
    told = [
        judge(broken("POLL-003"), Played(verdicts={"POLL-003": FAILED}, cases=cases)),
        judge(MECHANICAL, elsewhere),
        judge(HARMLESS, elsewhere),
    ]

    assert unproven(cases, told, {}) == ("suites/a.py::two",)
    assert unproven(cases, told, {"a.py::two": "for a reason"}) == ()


def test_a_case_that_looks_at_an_exchanged_answer_and_passes_is_credulous() -> None:
    """One that did not look may pass; one that looked may fail or be left open."""
    played = Played(
        cases={"looked": PASSED, "elsewhere": PASSED, "saw it": FAILED, "unsure": UNSETTLED},
        looked={
            "looked": frozenset({"submit", "poll"}),
            "elsewhere": frozenset({"submit"}),
            "saw it": frozenset({"poll"}),
            "unsure": frozenset({"poll"}),
        },
    )

    told = judge(MECHANICAL, played)

    assert told.credulous == {"looked"}
    assert told.verdict is FAILED
    assert told.reason == "believed by looked"


def test_what_tidies_up_behind_a_case_is_not_what_it_looked_at(tmp_path: Path) -> None:
    """The cancels of leftovers are no part of the case."""
    rows = [
        {"case": "c", "kind": "poll"},
        {"case": "c", "kind": "cancel", "facts": {"tidying": True}},
    ]
    history = tmp_path / "history.jsonl.gz"
    with gzip.open(history, "wt", encoding="utf-8") as sink:
        sink.writelines(json.dumps(row) + "\n" for row in rows)

    assert operations_of(history) == {"c": frozenset({"poll"})}


def words_of(variant: Variant, *requirements: str) -> list[str]:
    plan = Plan(contract="langflow", out=Path("out"), at_once=1, seed=7)
    return list(command(variant, requirements, plan, Path("out") / "b"))


def test_settings_of_all_variants_are_a_variants_own_unless_it_has_another() -> None:
    """So the whole matrix is played on references without what only makes them quick."""
    plan = Plan(
        contract="langflow",
        out=Path("out"),
        at_once=1,
        seed=7,
        settings=(("REFERENCE_FAST", "0"), ("DRAIN", "1")),
    )
    words = command(replace(broken(), settings=(("DRAIN", "0"),)), (), plan, Path("out"))

    assert {"REFERENCE_FAST=0", "DRAIN=0", "REFERENCE_VARIANT=b"} <= set(words)
    assert "DRAIN=1" not in words


def test_a_gate_asks_for_requirements_and_an_outage_for_its_scenario() -> None:
    """Each of a reference that runs as the variant, by the command that a user has."""
    gate = words_of(broken("POLL-003"), "POLL-003")
    outage = words_of(replace(broken("RESI-004"), scenario="CHAOS-027"), "RESI-004")

    assert gate[0] == "gate"
    assert gate[gate.index("--only") + 1] == "POLL-003"
    assert outage[:3] == ["chaos", "--only", "CHAOS-027"]
    assert outage.count("--only") == 1
    for words in (gate, outage):
        assert {"REFERENCE_VARIANT=b", "REFERENCE_ENVIRONMENT=test"} <= set(words)
