"""What other repositories' pre-commit runs of this one: `.pre-commit-hooks.yaml`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from queueproof import paths


@pytest.fixture
def hook() -> dict[str, Any]:
    text = (paths.root() / ".pre-commit-hooks.yaml").read_text("utf-8")
    [only] = yaml.safe_load(text)
    found: dict[str, Any] = only
    return found


@pytest.mark.parametrize(
    ("key", "exit_code", "said"),
    [("workers = 3", 0, ""), ("worker = 3", 2, "did you mean workers?")],
    ids=["right", "wrong"],
)
def test_a_mistake_in_a_target_file_is_told_before_it_is_committed(
    key: str, exit_code: int, said: str, hook: dict[str, Any], tmp_path: Path
) -> None:
    """By the command as pre-commit runs it, in the repository's folder, on a file of that name."""
    file = tmp_path / "target.toml"
    file.write_text(f'[target]\nurls = ["http://127.0.0.1:9"]\n{key}\n', "utf-8")
    assert re.search(hook["files"], "target.toml")
    program, *words = hook["entry"].split()
    assert (program, hook["pass_filenames"]) == ("queueproof", False)

    done = subprocess.run(
        [sys.executable, "-m", "queueproof", *words, *hook["args"]],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )

    assert done.returncode == exit_code, done.stdout + done.stderr
    assert said in done.stderr
