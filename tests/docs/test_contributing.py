"""What CONTRIBUTING.md, the issue forms and the hooks say can be done as they say it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from queueproof.chaos.scenario import load_scenarios

from .test_examples import parse

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
BLOCKS = [
    [shlex.split(line) for line in block.splitlines()]
    for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
]
COMMANDS = [words for block in BLOCKS for words in block]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def played(words: list[str]) -> tuple[list[str], list[str]]:
    """The command of the tox environment that the words ask for, and its arguments."""
    tox = ConfigParser()
    tox.read(ROOT / "tox.ini")
    section = f"testenv:{words[2]}" if len(words) > 1 else "testenv:test"
    command = tox[section]["commands"].strip().splitlines()[-1]
    given = words[words.index("--") + 1 :] if "--" in words else []
    return shlex.split(command.replace("{posargs}", "")), given


def test_a_test_a_case_and_a_fault_take_three_commands_each() -> None:
    assert [len(block) for block in BLOCKS] == [3, 3, 3]
    assert {words[0] for words in COMMANDS} == {"tox"}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_understood(words: list[str]) -> None:
    """By queueproof, by the proof of variants, or by pytest, which finds something to run."""
    command, given = played(words)

    if command[0] == "queueproof":
        assert parse([*command[1:], *given]).command is not None
    elif command[0] == "pytest" and given:
        collected = collect(given)
        assert collected.returncode == 0, collected.stdout


def collect(words: list[str]) -> subprocess.CompletedProcess[str]:
    line = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        *words,
    ]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_what_the_commands_name_is_there() -> None:
    """The variant, the requirement it breaks, and the outage with the fault."""
    setting = next(word for word in TEXT.split() if word.startswith("REFERENCE_VARIANT="))
    variant = setting.partition("=")[2]
    [path] = (ROOT / "reference_impl/variants/langflow/faulty").rglob(f"{variant}.py")
    module = path.read_text("utf-8")
    asked = re.search(r"chaos -- --only (\S+)", TEXT)
    assert asked is not None
    scenario = next(one for one in load_scenarios() if one.id == asked[1])

    assert '"POLL-003"' in module
    assert ["tox", "-e", "faulty", "--", "--only", variant] in COMMANDS
    assert scenario.faults[0]["fault"] == "stall"


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_every_issue_form_asks_for_the_report(form: Path) -> None:
    """It holds what is needed to look into a verdict; a report without it is of no use."""
    content: dict[str, Any] = yaml.safe_load(form.read_text("utf-8"))
    if form.name == "config.yml":
        assert content == {"blank_issues_enabled": False}
        return
    fields = {row["id"]: row for row in content["body"] if "id" in row}

    assert "report.json" in fields["report"]["attributes"]["description"] + str(
        fields["report"]["attributes"]["label"]
    )
    assert fields["report"]["validations"]["required"] is (
        form.stem not in ("requirement", "queue-matrix")
    )


def test_hooks_have_the_versions_of_the_checks() -> None:
    """What is looked at before a commit must not differ from what `tox -e check` says."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    own = [hook for repo in hooks["repos"] for hook in repo["hooks"] if "ruff" in hook["id"]]

    assert [repo["repo"] for repo in hooks["repos"]] == ["local"]
    assert len(own) == 2
    for hook in own:
        assert set(hook["additional_dependencies"]) <= set(project["dependency-groups"]["check"])


def test_the_changelog_is_in_the_usual_form() -> None:
    """Keep a Changelog: versions with dates, and only the six kinds of change below them."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    kinds = re.findall(r"^### (.+)$", text, re.MULTILINE)

    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", one) for one in versions[1:])
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert len(kinds) == len(set(kinds)) or len(versions) > 1


def test_no_environment_of_a_tool_is_in_the_repository() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--", ".venv", ".tox", "*.egg-info"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")

    assert listed.stdout == ""
