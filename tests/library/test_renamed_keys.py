"""Words of scenarios and profiles that have another name now are read for a release."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from queueproof.chaos.scenario import scenario_from
from queueproof.config.kinds import RenamedWarning
from queueproof.errors import UsageError
from queueproof.faults.catalogue import check_spec, describe
from queueproof.load.profile import profile_from

SCENARIO: dict[str, Any] = {
    "id": "ACME-CHAOS-001",
    "title": "t",
    "verifies": "v",
    "faults": [{"fault": "down"}],
}
PROFILE: dict[str, Any] = {"id": "acme.a", "title": "t", "verifies": "v"}
TASKS = [{"does": "stream"}]


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("strikes", "affected_replicas", [1]),
        ("deafens", "blocks_cancels", True),
        ("wedges", "blocks_submits", True),
        ("silences", "unresponsive", True),
    ],
)
def test_an_old_word_of_a_scenario_means_the_new_one(old: str, new: str, value: Any) -> None:
    with pytest.warns(RenamedWarning, match=f"{old} is called {new} now"):
        before = scenario_from({**SCENARIO, old: value}, where="here")

    assert before == scenario_from({**SCENARIO, new: value}, where="here")


def test_an_old_word_of_a_profile_means_the_new_one() -> None:
    with pytest.warns(RenamedWarning, match="errands is called tasks now"):
        before = profile_from({**PROFILE, "errands": TASKS}, "langflow", where="here")

    assert before == profile_from({**PROFILE, "tasks": TASKS}, "langflow", where="here")


def test_an_old_parameter_of_a_fault_means_the_new_one() -> None:
    with pytest.warns(RenamedWarning, match="victim is called process now"):
        check_spec({"fault": "kill", "victim": "replica"})

    assert describe({"fault": "kill", "process": "replica"}) == "kill · process replica"


def test_an_old_name_of_a_fault_means_the_new_one() -> None:
    with pytest.warns(RenamedWarning, match="deaf_dispatchers is called pubsub_blocked now"):
        before = describe({"fault": "deaf_dispatchers"})

    assert before == describe({"fault": "pubsub_blocked"}) == "pubsub blocked"


def test_both_words_at_once_are_a_mistake() -> None:
    both = {**SCENARIO, "wedges": True, "blocks_submits": False}

    with pytest.raises(UsageError, match="wedges is called blocks_submits now, and both are there"):
        scenario_from(both, where="here")


def test_the_command_line_tells_an_old_word_in_one_line(tmp_path: Path) -> None:
    text = """
        [[scenario]]
        id = "ACME-CHAOS-001"
        title = "t"
        verifies = "v"
        faults = [{ fault = "down" }]
        wedges = true
        """
    (tmp_path / "old.toml").write_text(text, "utf-8")
    words = [sys.executable, "-m", "queueproof", "chaos", "--list", "--scenarios", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert "ACME-CHAOS-001" in done.stdout
    [line] = done.stderr.splitlines()
    assert line.startswith("queueproof: ")
    assert "wedges is called blocks_submits now; the old name goes with the next release" in line
