"""The registry is whole, and every requirement has a case that judges it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from queueproof.chaos.judging import INVARIANTS
from queueproof.errors import HarnessError, UsageError
from queueproof.requirements import Level, Registry, load_registry
from queueproof.requirements.registry import contracts
from queueproof.running.applicability import _NEEDS
from queueproof.running.marks import CaseMark, mark_of

ROOT = Path(__file__).resolve().parent.parent.parent
SUITES = sorted((ROOT / "suites").rglob("test_*.py"))


def marks() -> list[tuple[Path, CaseMark]]:
    """The mark of every case in the suites."""
    found = []
    for path in SUITES:
        spec = importlib.util.spec_from_file_location(f"case_{path.stem}_{path.parent.name}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        values = [mark_of(value) for name, value in vars(module).items() if "test" in name]
        found += [(path, mark) for mark in values if mark is not None]
    return found


MARKS = marks()


def test_every_requirement_has_a_case() -> None:
    """A promise that nothing judges is a row that can never fail.

    Outages are judged by invariants over whole histories, which count as cases.
    """
    for contract in contracts():
        judged = INVARIANTS.keys() | {
            mark.requirement
            for _, mark in MARKS
            if not mark.contracts or contract in mark.contracts
        }
        assert [row.id for row in load_registry(contract) if row.id not in judged] == []


def test_every_case_judges_a_registered_requirement_of_its_area() -> None:
    """A folder an area: a case stands where its requirement belongs."""
    areas = {row.id: row.area for contract in contracts() for row in load_registry(contract)}

    for path, mark in MARKS:
        assert areas[mark.requirement] == path.parent.name, path


def test_a_case_of_chosen_contracts_belongs_to_each_of_them() -> None:
    """A case that names its contracts could else be skipped everywhere."""
    ids = {contract: {row.id for row in load_registry(contract)} for contract in contracts()}

    for path, mark in MARKS:
        assert all(mark.requirement in ids[contract] for contract in mark.contracts), path


def test_ids_are_unique_across_contracts() -> None:
    """A row that two contracts share is one row, in the file of one of them.

    Its level may differ: one document says so, the other does not.
    """
    rows = [row for contract in contracts() for row in load_registry(contract)]

    for row in rows:
        alike = [other for other in rows if other.id == row.id]
        assert len({(other.sentence, other.area) for other in alike}) == 1, row.id


def test_every_case_is_marked() -> None:
    """A test function in the suites without a requirement would judge nothing."""
    for path in SUITES:
        text = path.read_text("utf-8")
        functions = re.findall(r"^(?:async )?def test_", text, re.MULTILINE)
        assert len(functions) == len(re.findall(r"^@requirement\(", text, re.MULTILINE)), path


@pytest.mark.parametrize("contract", contracts())
def test_ids_are_well_formed_and_sentences_are_sentences(contract: str) -> None:
    """IDs look alike; sentences begin and end as sentences do."""
    for row in load_registry(contract):
        assert re.fullmatch(r"[A-Z]{3,5}-\d{3}", row.id)
        assert row.sentence.endswith("."), row.id
        assert row.heading, row.id


def test_every_need_says_how_to_meet_it() -> None:
    """What a reader of `not assessed` is told."""
    needs = {need for name in contracts() for row in load_registry(name) for need in row.needs}
    needs |= {need for _, mark in MARKS for need in mark.needs}

    assert needs <= _NEEDS.keys()


def test_both_levels_are_there() -> None:
    """The registry knows what a document says from what a client needs."""
    levels = {row.level for row in load_registry("langflow")}

    assert levels == {Level.MUST, Level.SHOULD}


def test_a_gate_selects_only_what_it_judges() -> None:
    """What only an outage can show has no case in the suites."""
    registry = load_registry("langflow")

    assert "RESI-001" not in [row.id for row in registry.select([], by="gate")]
    with pytest.raises(UsageError, match="not judged by queueproof gate, but by queueproof chaos"):
        registry.select(["RESI-001"], by="gate")


def test_a_duplicate_id_is_refused() -> None:
    """IDs are permanent and unique."""
    row = next(iter(load_registry("langflow")))

    with pytest.raises(HarnessError, match="registered twice"):
        Registry([row, row])


@pytest.mark.parametrize("words", [["polling"], ["POLL-003"], ["poll-003", "cancel"]])
def test_selection_takes_areas_and_ids(words: list[str]) -> None:
    """Both may be mixed, in any case."""
    assert load_registry("langflow").select(words)


def test_an_unknown_word_is_refused_with_a_hint() -> None:
    """A typing mistake must not become an empty selection."""
    with pytest.raises(UsageError, match=r"did you mean.*polling"):
        load_registry("langflow").select(["poling"])


def test_an_unknown_contract_is_refused() -> None:
    """The known ones are named."""
    with pytest.raises(UsageError, match=r"known: .*langflow"):
        load_registry("nonesuch")
