"""The variants describe themselves properly, and the documentation shows how."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from queueproof.chaos.judging import INVARIANTS
from queueproof.chaos.scenario import for_contract, load_scenarios
from queueproof.requirements.registry import contracts
from reference_impl.common.variant_modules import modules_of
from reference_impl.langflow import variants as wiring
from reference_impl.langflow.settings import SettingsError, load
from tests.faulty.__main__ import COMPLETE, shortness
from tests.faulty.catalogue import Kind, VariantError, load_variants, variants_of
from tests.faulty.judging import without_variant
from tests.faulty.selection import load_selection
from tests.faulty.unbreakable import UNBREAKABLE

ROOT = Path(__file__).resolve().parents[2]
SELECTION = load_selection("langflow")
TEST = {"REFERENCE_ENVIRONMENT": "test", "REFERENCE_VARIANT": "cursor_per_worker"}


def module(source: str, name: str = "reference_impl.variants.written_now") -> ModuleType:
    made = ModuleType(name)
    exec(compile(source, name, "exec"), vars(made))
    return made


def test_every_variant_is_proper_and_asks_something() -> None:
    """Known requirements, an incident, and something that differs."""
    variants = load_variants(SELECTION.registry)

    assert len({variant.label for variant in variants}) == len(variants)
    for variant in variants:
        assert variant.fails <= set(variant.played(SELECTION)), variant.name


@pytest.mark.parametrize("contract", contracts())
def test_a_broken_variant_lies_in_the_folder_of_an_area_that_it_fails(contract: str) -> None:
    """Someone who looks for what breaks polling finds it together."""
    registry = load_selection(contract).registry
    failed: dict[str, set[str]] = defaultdict(set)
    for variant in load_variants(registry, (Kind.FAULTY,), contract=contract):
        failed[variant.name] |= {registry[id_].area for id_ in variant.fails}

    for module in modules_of(contract, Kind.FAULTY.value):
        area, name = module.split(".")[-2:]
        assert area in failed[name], module


@pytest.mark.parametrize("contract", contracts())
def test_a_name_means_one_variant(contract: str) -> None:
    """In whichever folder of the contract it lies: a target is told the name alone."""
    modules = [module for kind in Kind for module in modules_of(contract, kind.value)]
    names = [module.rpartition(".")[2] for module in modules]

    assert sorted(names) == sorted(set(names))


def test_the_proof_is_of_the_promised_size() -> None:
    """At least 45 broken variants and 10 harmless ones."""
    kinds = [variant.kind for variant in load_variants(SELECTION.registry)]

    assert kinds.count(Kind.FAULTY) >= 45
    assert kinds.count(Kind.HARMLESS) >= 10


def test_at_least_fifteen_variants_are_broken_for_outages_alone() -> None:
    """And every requirement that only outages judge has one of them."""
    outages = [variant for variant in load_variants(SELECTION.registry) if variant.scenario]
    only_chaos = {row.id for row in SELECTION.registry if row.judged_by == ("chaos",)}

    gates = {variant.name for variant in load_variants(SELECTION.registry) if not variant.scenario}
    assert len({variant.name for variant in outages} - gates) >= 15
    assert only_chaos - UNBREAKABLE.keys() <= {id_ for one in outages for id_ in one.fails}


@pytest.mark.parametrize("contract", sorted(COMPLETE))
def test_every_requirement_has_a_variant_that_breaks_it(contract: str) -> None:
    """Or a reason why there is none: nobody has to play them to see that one is missing."""
    registry = load_selection(contract).registry

    variants = load_variants(registry, contract=contract)

    assert without_variant(registry, variants, UNBREAKABLE) == frozenset()


def test_every_outage_of_any_queue_has_a_variant_that_fails_in_it() -> None:
    registry = load_selection("generic").registry
    outages = {scenario.id for scenario in for_contract(load_scenarios(), "generic")}

    variants = load_variants(registry, contract="generic")

    assert outages <= {variant.scenario for variant in variants if variant.fails}


def test_a_variant_may_have_a_gate_and_outages() -> None:
    """Each is an entry of its own, with what must fail there."""
    source = (
        "'''Seen.'''\nFAILS = {'POLL-001'}\nSETTINGS = {'A': '1'}\n"
        "SCENARIOS = {'CHAOS-027': {'RESI-004'}, 'CHAOS-024': {'RESI-004', 'RESI-003'}}"
    )

    found = variants_of(module(source), Kind.FAULTY, SELECTION.registry)

    assert [variant.label for variant in found] == [
        "written_now",
        "written_now in CHAOS-027",
        "written_now in CHAOS-024",
    ]
    assert [len(variant.fails) for variant in found] == [1, 1, 2]
    assert {variant.settings for variant in found} == {(("A", "1"),)}


def test_an_outage_asks_what_outages_judge() -> None:
    """Whatever the variant says of its gate."""
    source = "'''Seen.'''\nSETTINGS = {}\nSCENARIOS = {'CHAOS-027': {'RESI-004'}}"
    [outage] = variants_of(module(source), Kind.FAULTY, SELECTION.registry)

    known = {row.id for row in SELECTION.registry}
    assert set(outage.played(SELECTION)) == set(INVARIANTS) & known


def test_what_takes_longest_begins_first() -> None:
    """A case with a target of its own, and an outage in which somebody waits in vain."""
    variants = {variant.label: variant for variant in load_variants(SELECTION.registry)}

    def place(label: str) -> tuple[bool, int, int]:
        variant = variants[label]
        return shortness(variant, variant.played(SELECTION), selection=SELECTION)

    assert place("grace_doubled") < place("cursor_per_worker") < place("unknown_flow_accepted")
    assert place("unknown_flow_accepted") < place("two_workers")
    assert place("end_lost_in_the_outage in CHAOS-033") < place("health_only_reads in CHAOS-033")


def test_unbreakable_requirements_exist() -> None:
    """And each has its reason."""
    for requirement, reason in UNBREAKABLE.items():
        assert SELECTION.registry[requirement]
        assert len(reason.split()) >= 5, requirement


def test_the_documented_example_is_a_proper_variant() -> None:
    """What docs/writing-a-variant.md shows can be put into a file as it is."""
    text = (ROOT / "docs" / "writing-a-variant.md").read_text("utf-8")
    example = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)[0]

    [variant] = variants_of(module(example), Kind.FAULTY, SELECTION.registry)

    assert variant.fails == {"POLL-005"}
    assert variant.incident.startswith("A poll after the end waits")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("FAILS = {'POLL-001'}\nSETTINGS = {}", "docstring"),
        ("'''Seen.'''\nSETTINGS = {}", "FAILS must name"),
        ("'''Seen.'''\nFAILS = {'POLL-999'}\nSETTINGS = {}", "POLL-999"),
        ("'''Seen.'''\nFAILS = {'POLL-001'}", "changes nothing"),
        ("'''Seen.'''\nSETTINGS = {}\nSCENARIOS = {'CHAOS-999': {'RESI-001'}}", "not declared"),
        ("'''Seen.'''\nSETTINGS = {}\nSCENARIOS = {'CHAOS-001': {'POLL-001'}}", "no outage"),
        ("'''Seen.'''\nSETTINGS = {}\nSCENARIOS = {'CHAOS-001': set()}", "must name"),
    ],
)
def test_an_improper_variant_says_what_is_wrong(source: str, problem: str) -> None:
    """In one line, before anything is played."""
    with pytest.raises(VariantError, match=problem):
        variants_of(module(source), Kind.FAULTY, SELECTION.registry)


def test_a_harmless_variant_names_no_failure() -> None:
    """Else it is in the wrong room."""
    source = "'''Seen.'''\nFAILS = {'POLL-001'}\nSETTINGS = {}"
    with pytest.raises(VariantError, match="move it to faulty"):
        variants_of(module(source), Kind.HARMLESS, SELECTION.registry)


@pytest.mark.parametrize(
    "environ",
    [
        {**TEST, "REFERENCE_ENVIRONMENT": "production"},
        {"REFERENCE_VARIANT": "cursor_per_worker"},
        {**TEST, "LANGFLOW_HOST": "0.0.0.0"},
        {**TEST, "REFERENCE_VARIANT": "no_such_variant"},
    ],
)
def test_a_production_start_refuses_a_variant(environ: dict[str, str]) -> None:
    """Whether it is read with the settings or wired in before them."""
    with pytest.raises(SettingsError, match="REFERENCE_VARIANT"):
        load(environ)
    with pytest.raises(SettingsError, match="REFERENCE_VARIANT"):
        wiring.wire_in(environ)


def test_a_test_start_takes_a_variant() -> None:
    """On loopback, in the test environment."""
    assert load(TEST).variant == "cursor_per_worker"


def test_a_case_with_parameters_is_as_many_cases_as_it_has() -> None:
    """Each is to be proven, by the name that pytest gives it."""
    name = "test_a_number_that_is_none_stops_the_start"
    cases = [case.rpartition("::")[2] for case in SELECTION.cases if name in case]

    assert f"{name}[TTL-an hour]" in cases
    assert len(cases) == 4
