"""The GitHub action and the GitLab template, as far as they can be tried without their servers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from queueproof.ci import arguments_of

ROOT = Path(__file__).resolve().parents[2]
INPUTS = {
    "INPUT_URL": "http://127.0.0.1:7860",
    "INPUT_CONTRACT": "langflow",
    "INPUT_CONFIG": "",
    "INPUT_ONLY": "cancel POLL-003",
    "INPUT_BASELINE": "known failures.toml",
    "INPUT_ARGUMENTS": "--seed 41",
}


def loaded(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return content


def run_step(
    tmp_path: Path, code: int, *, judged: bool = True, **inputs: str
) -> tuple[int, list[str], str]:
    """The action's script with a stand-in for queueproof: exit code, its arguments, the outputs."""
    stand_in = tmp_path / "bin" / "queueproof"
    stand_in.parent.mkdir()
    stand_in.write_text(
        f"#!/bin/bash\nprintf '%s\\n' \"$@\" > {tmp_path}/arguments\n"
        f"mkdir -p {tmp_path}/out/run-1 && echo '{{}}' > {tmp_path}/out/run-1/report.json\n"
        f"exit {code}\n"
    )
    stand_in.chmod(0o755)
    environment = {
        **os.environ,
        **INPUTS,
        **inputs,
        "INPUT_OUT": str(tmp_path / "out"),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        "PATH": f"{stand_in.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", str(ROOT / "ci" / "github.sh")], env=environment, check=False, timeout=30
    )
    assert (tmp_path / "arguments").exists() is judged
    arguments = (tmp_path / "arguments").read_text().splitlines() if judged else []
    return done.returncode, arguments, (tmp_path / "outputs").read_text()


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5])
def test_the_action_ends_as_the_gate_does_and_names_the_report(tmp_path: Path, code: int) -> None:
    """Whatever the code, the outputs are written."""
    exit_code, _, outputs = run_step(tmp_path, code)
    assert exit_code == code
    assert outputs == f"exit-code={code}\nreport={tmp_path}/out/run-1\n"


def test_the_actions_inputs_become_arguments(tmp_path: Path) -> None:
    """A blank in a file's name stays inside one argument; empty inputs are left out."""
    _, arguments, _ = run_step(tmp_path, 0)
    assert arguments == [
        "gate",
        "http://127.0.0.1:7860",
        *("--contract", "langflow", "--out", f"{tmp_path}/out"),
        *("--baseline", "known failures.toml"),
        *("--only", "cancel", "--only", "POLL-003", "--seed", "41"),
    ]


def test_an_input_is_data_and_never_a_command(tmp_path: Path) -> None:
    """Neither a substitution nor a semicolon in an input is acted on."""
    _, arguments, _ = run_step(tmp_path, 0, INPUT_URL="$(touch x); `touch y`", INPUT_ONLY="")
    assert arguments[1] == "$(touch x); `touch y`"


def test_the_actions_file_is_whole() -> None:
    """Every input that is used is declared and passed on, and no script holds an expression."""
    action = loaded("action.yml")
    text = (ROOT / "action.yml").read_text("utf-8")
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == set(action["inputs"])
    steps = action["runs"]["steps"]
    assert action["runs"]["using"] == "composite"
    for step in steps:
        assert "${{" not in step.get("run", "")
        assert ("run" in step) == ("shell" in step)
    passed_on = {name for step in steps for name in step.get("env", {})}
    script = (ROOT / "queueproof" / "ci.py").read_text("utf-8")
    assert set(re.findall(r"INPUT_[A-Z]+", script)) <= passed_on
    outputs = set(re.findall(r"steps\.gate\.outputs\.([\w-]+)", text))
    assert all(f"{name}=" in script for name in outputs)


def test_gitlabs_template_hands_over_the_junit_file_whatever_the_outcome() -> None:
    """One policy on both: nothing but 0 is green, unless a job of one's own says otherwise."""
    job = loaded("ci/gitlab.yml")[".queueproof"]
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"] == "queueproof-report/*/junit.xml"
    assert "allow_failure" not in job
    assert any("queueproof gate $QUEUEPROOF_TARGET" in line for line in job["script"])


@pytest.mark.parametrize(
    "only",
    [
        "polling cancel",
        "polling\ncancel\n",
        "polling, cancel",
        "- polling\n- cancel",
        "[polling, cancel]",
    ],
)
def test_only_may_be_words_a_block_or_a_list(only: str) -> None:
    assert arguments_of({"INPUT_ONLY": only}) == ["--only", "polling", "--only", "cancel"]


def test_arguments_are_split_as_a_shell_does() -> None:
    given = arguments_of({"INPUT_ARGUMENTS": "--setting 'A=B C'\n--seed 4", "INPUT_CONTRACT": ""})
    assert given == ["--setting", "A=B C", "--seed", "4"]


def test_a_quotation_without_end_is_a_usage_error(tmp_path: Path) -> None:
    """Nothing is judged, and the outputs are there."""
    code, _, outputs = run_step(tmp_path, 0, judged=False, INPUT_ARGUMENTS="--setting 'A")
    assert code == 2
    assert outputs == "exit-code=2\nreport=\n"
