"""The terminal's closing words: readable at 80 columns, on a terminal and in a log."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console

from queueproof.reporting import terminal
from queueproof.reporting.folding import folded, folded_command
from queueproof.reporting.model import RunResult
from queueproof.verdicts import Verdict

from . import samples
from .test_golden import SAMPLES, terminal_text

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)


@each_sample
def test_no_line_is_wider_than_the_console(sample: Callable[[], RunResult]) -> None:
    """Nor does any end in blanks, so that a log stays clean."""
    for line in terminal_text(sample()).splitlines():
        assert cell_len(line) <= 80
        assert line == line.rstrip()


def test_strings_of_a_target_are_shown_as_they_are() -> None:
    """Console markup is not interpreted, and no escape sequence of a target's gets through."""
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=True, color_system="truecolor")
    console.print(terminal.render(samples.hostile()))
    text = stream.getvalue()
    assert "[red]not red[/red] [link=file:///etc]no link[/link] [/] :boom:" in text
    assert "\\x1b[31mred" in text
    assert "\x1b[31mred" not in text
    assert "\x07" not in text


def test_a_failure_is_told_in_the_agreed_shape() -> None:
    """Requirement, expected, actual, trace, reproduction: each in its place."""
    lines = terminal_text(
        samples.result(samples.row("POLL-003", samples.case("POLL-003", Verdict.FAILED)))
    ).splitlines()
    assert lines[:9] == [
        "POLL-003 MUST  polling through any worker delivers every event once and in order",
        "  expected  ticks 0..11 once each, in order",
        "  actual    21 deliveries of 12 ticks: 9 duplicates, first at poll 4 (worker b),",
        "              tick 0",
        "  trace     history.jsonl.gz#job=1f2c9e",
        "               0.000s submit via a 200 ok in 0.012s",
        "               0.014s poll via a 200 ok in 0.101s ticks 0..2",
        "               0.118s poll via b 200 ok in 0.009s ticks 0..3",
        "               0.231s poll via c 200 ok in 0.013s ticks 0..5 [end]",
    ]


def test_the_end_names_counts_exit_code_and_report() -> None:
    """The last lines are what a person looks at first."""
    *_, counts, more, rest, report = terminal_text(samples.every_verdict()).splitlines()
    assert counts.startswith("error     requirements: 1 passed, 1 passed in part, 1 failed, 1")
    assert "5 of 7 requirements were judged," in more
    assert rest.strip().endswith("exit 5")
    assert report == "report    reports/out/sample/report.html"


@pytest.mark.parametrize("width", [20, 40, 68])
def test_a_folded_command_is_the_same_command(width: int) -> None:
    """A shell that is given the folded lines sees the words of the original."""
    command = (
        "queueproof gate 'http://a b/' --only POLL-003 --header \"X-Worker: it's\" --seed 41 "
        "--config target.toml --out reports/out --contract langflow"
    )
    lines = folded_command(command, width)
    assert len(lines) > 1
    assert shlex.split("\n".join(lines).replace("\\\n", " ")) == shlex.split(command)


@pytest.mark.parametrize("width", [10, 33, 80])
@pytest.mark.parametrize("text", samples.HOSTILE)
def test_folding_keeps_every_character_but_blanks(text: str, width: int) -> None:
    """Words too wide for a line are cut, not lost."""
    lines = folded(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert max(map(cell_len, lines)) <= width
