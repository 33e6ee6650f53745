"""What the documentation shows can be done as it is shown."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from queueproof.cli.main import app
from queueproof.config.load import load_target
from queueproof.stack.certificates import make_certificates
from tests.preforked import preforked

from ..end_to_end.conftest import clean_environment

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
_BLOCK = re.compile(
    r"(?P<mark><!-- run -->\n)?^```(?P<kind>\w*)[^\n]*\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL
)


#: A variable that fills in a header.
_VARIABLE = re.compile(r"\{(?:base64:)?([A-Z_]{3,})\}")


def blocks(*kinds: str) -> Iterator[tuple[Path, str, bool]]:
    """Every block of these kinds: its page, its text, whether it is to be run."""
    for page in PAGES:
        for block in _BLOCK.finditer(page.read_text("utf-8")):
            if block["kind"] in kinds:
                yield page, block["text"], bool(block["mark"])


def commands(text: str) -> list[list[str]]:
    """The queueproof command lines of a block, split as a shell does."""
    lines = text.replace("\\\n", " ").splitlines()
    found = []
    for line in lines:
        bare = line.split("  #")[0].strip()
        if bare.startswith("queueproof "):
            found.append(shlex.split(bare)[1:])
    return found


COMMANDS = [
    pytest.param(words, id=f"{page.stem}: {' '.join(words)[:60]}")
    for page, text, _ in blocks("sh", "")
    for words in commands(text)
]
TARGETS = [
    pytest.param(text, id=f"{page.stem} {number}")
    for number, (page, text, _) in enumerate(blocks("toml"))
    if "[target]" in text
]


def parse(words: list[str]) -> Any:
    """What the command line makes of the words; nothing is run."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("queueproof", list(words))
    while hasattr(group, "resolve_command"):
        name, group, words = group.resolve_command(context, words)
        context = group.make_context(name, list(words), parent=context)
    return context


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_blank_line_cuts_rows_off_their_table(page: Path) -> None:
    lines = page.read_text("utf-8").splitlines()
    cut = [
        row
        for before, row, after in zip(lines, lines[1:], lines[2:], strict=False)
        if not before.strip() and row.startswith("| ") and after.strip("|-: ")
    ]

    assert cut == []


def test_the_documentation_is_looked_at() -> None:
    """The rules below cannot pass by looking at nothing."""
    assert len(PAGES) >= 20
    assert len(COMMANDS) >= 30
    assert len(TARGETS) >= 3


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_line_is_understood(words: list[str]) -> None:
    """Commands and options exist, and take what they are given."""
    given = [word for word in words if word != "…"]

    assert parse(given).command is not None


@pytest.mark.parametrize("words", [["gait"], ["gate", "--onyl", "x"], ["gate", "--repeat", "x"]])
def test_a_wrong_command_line_would_be_noticed(words: list[str]) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|not a valid|valid integer"):
        parse(words)


@pytest.mark.parametrize("text", TARGETS)
def test_every_target_file_is_accepted(text: str, tmp_path: Path) -> None:
    """Keys, types and addresses are those that are checked when a run begins."""
    file = tmp_path / "target.toml"
    file.write_text(text, "utf-8")

    made = make_certificates(tmp_path)
    made.authority.rename(tmp_path / "company-ca.pem")
    environment = dict.fromkeys(_VARIABLE.findall(text), "something")
    config = load_target(file, environment)

    assert config.contract == tomllib.loads(text)["target"].get("contract", config.contract)


def test_every_python_example_is_python() -> None:
    for page, text, _ in blocks("python"):
        compile(text, str(page), "exec")


def test_what_is_marked_to_be_run_runs(tmp_path: Path) -> None:
    """In an empty folder, one after another; each ends well."""
    marked = [words for _, text, run in blocks("sh") if run for words in commands(text)]

    assert len(marked) >= 3
    for words in marked:
        done = preforked().run(
            words, environment=clean_environment(), folder=tmp_path, timeout_s=120
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"


def test_every_page_is_in_the_navigation() -> None:
    """A page that nobody finds is not there."""
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")

    for page in (ROOT / "docs").glob("*.md"):
        assert re.search(rf"[ -]{re.escape(page.name)}$", navigation, re.MULTILINE), page.name
