"""What plugins and folders add is found, has its prefix, and never takes another's name."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from queueproof import plugins
from queueproof.chaos.scenario import load_scenarios
from queueproof.errors import UsageError
from queueproof.faults import registry as faults
from queueproof.faults.catalogue import FAULT_NAMES
from queueproof.load.profile import load_profiles
from queueproof.plugins import use_folders
from queueproof.requirements import known_ids, load_registry

from .conftest import shown_files, write_files


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Sources are of the process: none is left to other tests."""
    yield
    for kind in plugins.KINDS:
        use_folders(kind, ())
    plugins.plugins.cache_clear()


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    write_files(tmp_path, shown_files("extending.md"))
    return tmp_path


def installed(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    """As if these were the entry points of installed distributions."""
    plugins.plugins.cache_clear()
    whole = importlib.metadata.entry_points

    def of_group(**wanted: str) -> Any:
        ours = wanted.get("group", "").startswith("queueproof.")
        return (
            [each for each in points if each.group == wanted["group"]] if ours else whole(**wanted)
        )

    monkeypatch.setattr(importlib.metadata, "entry_points", of_group)


def test_a_folder_adds_requirements_of_the_contracts_it_names(shown: Path) -> None:
    use_folders("suites", [shown / "my_cases"])

    row = load_registry("langflow")["ACME-ORDER-001"]

    assert row.area == "order"
    assert row.source == "ACME, what our clients rely on, Progress"
    assert "ACME-ORDER-001" in known_ids()
    assert "ACME-ORDER-001" not in [each.id for each in load_registry("flowise")]
    assert load_registry("langflow").select(["order"]) == [row]


def test_a_folder_adds_scenarios_and_profiles(shown: Path) -> None:
    use_folders("profiles", [shown / "acme_queue/profiles"])

    assert load_profiles("langflow")[-1].id == "acme.nightly"
    use_folders("scenarios", [shown / "acme_queue/scenarios"])
    assert load_scenarios()[-1].id == "ACME-CHAOS-001"
    assert load_scenarios()[0].id == "CHAOS-001"


ROW = 'id = "{id}"\nlevel = "MUST"\nheading = "H"\nsentence = "S."\n'


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["POLL-001"], "the name POLL-001 must look like ACME-POLL-001"),
        (["ACME-POLL-001", "OTHER-POLL-001"], "the name OTHER-POLL-001 must begin with ACME"),
        (["ACME-POLL-001", "ACME-POLL-001"], "requirement ACME-POLL-001 is registered twice"),
    ],
)
def test_a_requirement_needs_a_name_of_its_own(tmp_path: Path, ids: list[str], said: str) -> None:
    rows = "".join(f"[[requirement]]\n{ROW.format(id=each)}" for each in ids)
    write_files(tmp_path, {"requirements/poll.toml": f'document = "D"\n{rows}'})
    use_folders("suites", [tmp_path])

    with pytest.raises(UsageError, match=said):
        load_registry("langflow")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[[requirement]]\n{ROW.format(id='ACME-A-001')}", "document"),
        ('document = "D"\n[[requirement]]\nid = "ACME-AB-001"\n', "level"),
        (f'document = "D"\n[[requirement]]\n{ROW.format(id="ACME-AB-001")}x = 1\n', "x"),
        ('document = "D"\nrequirement = [1]\n', "a requirement is a table"),
        ("document = ", "not valid TOML"),
    ],
)
def test_a_mistake_in_a_row_is_one_line_with_the_file(tmp_path: Path, text: str, said: str) -> None:
    write_files(tmp_path, {"requirements/poll.toml": text})
    use_folders("suites", [tmp_path])

    with pytest.raises(UsageError, match=said) as caught:
        load_registry("langflow")

    assert "poll.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--suites .*: no such folder"):
        use_folders("suites", [tmp_path / "nowhere"])


def no_fault(_: object, *, for_s: float = 1.0) -> Any:
    """What a plugin registers, as far as a declaration is concerned."""
    return for_s


def test_a_scenario_of_two_folders_is_told(
    shown: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (shown / "acme_queue/scenarios/outages.toml").read_text("utf-8")
    write_files(tmp_path, {"other/x.toml": text})
    monkeypatch.setitem(faults._MAKERS, "acme.pause_writes", no_fault)
    use_folders("scenarios", [shown / "acme_queue/scenarios", tmp_path / "other"])

    with pytest.raises(UsageError, match="ACME-CHAOS-001 is declared elsewhere, too"):
        load_scenarios()


def test_two_plugins_of_one_name_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(
        monkeypatch,
        EntryPoint("acme", "one.suites", "queueproof.suites"),
        EntryPoint("acme", "two.suites", "queueproof.suites"),
    )
    with pytest.raises(
        UsageError, match=r"two plugins add suites as acme: one\.suites and two\.suites"
    ):
        load_registry("langflow")


@pytest.mark.parametrize(
    ("point", "said"),
    [
        (EntryPoint("acme", "not_there.suites", "queueproof.suites"), "cannot be loaded"),
        (EntryPoint("acme", "json:dumps", "queueproof.suites"), "are a package's folder"),
        (EntryPoint("a.b", "json", "queueproof.suites"), "its name is the prefix"),
    ],
)
def test_a_plugin_that_is_none_is_one_line(
    monkeypatch: pytest.MonkeyPatch, point: EntryPoint, said: str
) -> None:
    installed(monkeypatch, point)

    with pytest.raises(UsageError, match=said) as caught:
        load_registry("langflow")

    assert "\n" not in str(caught.value)


def test_a_fault_whose_name_is_taken_is_told() -> None:
    assert "latency" in FAULT_NAMES

    with pytest.raises(UsageError, match="two faults are called latency"):
        faults.fault("latency")(no_fault)


def test_no_test_depends_on_what_is_installed_here() -> None:
    """The plugins of the machine that runs the tests would else change what they see."""
    groups = importlib.metadata.entry_points().groups

    assert not {f"queueproof.{kind}" for kind in plugins.KINDS} & groups
