"""summary.md: its own structure and nothing that came from a target."""

from __future__ import annotations

from html import escape

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from queueproof.reporting import markdown
from queueproof.reporting.model import RunResult

from . import samples


def tokens(result: RunResult) -> list[Token]:
    """All tokens of the page, inline ones included, as a GitHub-like renderer sees them."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    blocks = parser.parse(markdown.render(result))
    return [*blocks, *(child for block in blocks for child in block.children or ())]


def headings(result: RunResult) -> list[str]:
    """The page's headings."""
    every = tokens(result)
    return [every[at + 1].content for at, each in enumerate(every) if each.type == "heading_open"]


def test_no_string_of_a_target_becomes_markup() -> None:
    """No HTML, link, image, mention or thematic break appears, whatever a target says."""
    seen = {token.type for token in tokens(samples.hostile())}
    assert not seen & {"html_block", "html_inline", "link_open", "image", "hr", "s_open", "em_open"}
    assert "@team" not in "".join(t.content for t in tokens(samples.hostile()) if t.type == "text")


def test_hostile_strings_add_no_heading_and_no_column() -> None:
    """The structure of the page is ours alone."""
    assert not [each for each in headings(samples.hostile()) if each.startswith("no heading")]
    page = MarkdownIt("commonmark").enable("table").parse(markdown.render(samples.hostile()))
    rows, cells, widths = 0, 0, set()
    for token in page:
        rows += token.type == "tr_open"
        cells = 0 if token.type == "tr_open" else cells + (token.type in ("td_open", "th_open"))
        if token.type == "tr_close":
            widths.add(cells)
    assert (rows, widths) == (6, {8, 3})


def test_the_first_line_says_the_verdict() -> None:
    """A job summary is read from the top, often no further."""
    assert headings(samples.every_verdict())[0].startswith("! Error: queueproof itself failed on 1")
    assert headings(samples.passing())[0] == "✓ Passed: 1 of 1 assessed requirements holds"


def test_failures_can_be_copied_and_the_unassessed_are_listed_by_reason() -> None:
    """The reproducing command is a block of its own."""
    page = markdown.render(samples.every_verdict())
    command = "queueproof gate http://127.0.0.1:7860 --only POLL-003 --seed 41"
    assert f"Reproduce:\n\n```sh\n{command}\n```" in page
    assert "- needs two workers (1): CANCEL-004 (in part)" in page
    assert "| cancel | 3 of 9 | a → b, a → c, b → a, b → c, c → a, c → b |" in page


@pytest.mark.parametrize(
    "text", ["# x", "1. x", "23) x", "- x", "+ x", "=== x", "> x", "```", ": x"]
)
def test_a_text_that_starts_like_a_block_stays_a_text(text: str) -> None:
    """A reason opens a list item, where a block could begin."""
    row = samples.row("TTL-001", reason=text)
    page = MarkdownIt("commonmark").render(markdown.render(samples.result(row)))
    assert f"<li>{escape(text)} (1): TTL-001</li>" in page
