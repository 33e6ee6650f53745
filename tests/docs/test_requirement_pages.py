"""Every requirement has a section: what is promised, how it is judged, what breaks it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from docs.hooks import requirement_pages
from queueproof.reporting import digest, docs_links, json_report
from queueproof.requirements import load_registry
from queueproof.requirements.registry import contracts, known_ids
from tests.faulty.catalogue import Kind, load_variants

from ..reporting import samples

ROOT = Path(__file__).resolve().parents[2]


@cache
def pages() -> dict[str, str]:
    return requirement_pages.area_pages()


def sections() -> dict[str, str]:
    """The text of each requirement's section, by ID."""
    parts = [re.split(r"^## ", page, flags=re.MULTILINE)[1:] for page in pages().values()]
    return {text.partition("\n")[0]: text for page in parts for text in page}


def test_every_requirement_has_a_section_and_nothing_else_has() -> None:
    assert sections().keys() == known_ids()


@pytest.mark.parametrize("contract", contracts())
def test_a_section_says_what_is_promised_and_where(contract: str) -> None:
    found = sections()
    for row in load_registry(contract):
        assert row.sentence in found[row.id], row.id
        assert f"section *{row.heading}*" in found[row.id], row.id
        assert f"- {contract}: **{row.level.value}**" in found[row.id], row.id


def test_a_section_names_every_case_and_says_what_it_does() -> None:
    """As the gate collects them: a case that reading alone would miss shows here."""
    found, cases = sections(), requirement_pages.judging_cases()
    for name, judging in cases.items():
        for case in judging:
            assert case.place in found[name]
            assert case.title in found[name]
    judged_by_gate = {
        row.id
        for contract in contracts()
        for row in load_registry(contract)
        if row.judged_by[0] == "gate"
    }
    assert judged_by_gate <= cases.keys()


def test_a_section_names_the_variants_that_must_fail_it() -> None:
    """Read from their text, as the proof reads them when it imports them."""
    found = sections()
    for contract in contracts():
        variants = load_variants(load_registry(contract), (Kind.FAULTY,), contract=contract)
        for variant in variants:
            for name in variant.fails:
                assert f"/{variant.name}.py" in found[name], (variant.name, name)


def test_a_section_names_public_bugs_and_real_systems() -> None:
    found = sections()

    assert "celery#8030" in found["WORK-004"]
    published = json_report.load(ROOT / "reports/published/langflow-1.13.0/report.json")
    failed = [row for row in published.requirements if row.verdict.value == "failed"]
    assert failed
    for row in failed:
        assert f"published/langflow-1.13.0/report.html#{row.id}" in found[row.id]
    assert digest.subject(published) in found[failed[0].id]


def test_a_report_links_to_the_section() -> None:
    """The page and its heading are there; what others add has no page of ours."""
    row = samples.row("POLL-003")
    page, _, anchor = docs_links.link_to(row).removeprefix(docs_links.ADDRESS).partition("#")

    assert f"## {anchor.upper()}\n" in pages()[page.replace(".html", ".md")]
    assert docs_links.link_to(samples.row("ACME-POLL-001")) == ""
