"""Lines folded to a terminal's width, counted in cells: some scripts take two a character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rich.cells import cell_len, chop_cells

CONTINUED = "  "
"""What a continuing line starts with."""

_CONTINUES = " \\"
_WORD = re.compile(r"\s*\S+")
_SHELL_WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\]|["'\\])+""")


def folded(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells; what continues a line is indented further."""
    lines: list[str] = []
    for line in text.expandtabs(4).split("\n"):
        lines += _packed(_pieces(line, width - len(CONTINUED)), width)
    return lines


def folded_command(command: str, width: int) -> list[str]:
    """One command in lines that can be copied as they are.

    A line ends between words that belong to no quotation, in a backslash; an option stays with
    its value. What cannot be folded so (several lines, a word wider than `width`) is folded as
    any text.
    """
    if cell_len(command) <= width or "\n" in command:
        return folded(command, width)
    lines = _packed(_shell_pieces(command), width - len(_CONTINUES))
    if max(map(cell_len, lines)) > width - len(_CONTINUES):
        return folded(command, width)
    return [f"{line}{_CONTINUES}" for line in lines[:-1]] + lines[-1:]


def _packed(pieces: Iterable[str], width: int) -> list[str]:
    lines = [""]
    for piece in pieces:
        if cell_len(lines[-1] + piece) <= width or not lines[-1].strip():
            lines[-1] += piece
        else:
            lines.append(CONTINUED + piece.lstrip())
    return [line.rstrip() for line in lines]


def _pieces(line: str, width: int) -> Iterator[str]:
    """Words with the blanks before them, cut where one alone is too wide."""
    for word in _WORD.findall(line):
        yield from chop_cells(word, width) if cell_len(word) > width else (word,)


def _shell_pieces(command: str) -> Iterator[str]:
    words, first = _SHELL_WORD.findall(command), True
    while words:
        piece = words.pop(0)
        if piece.startswith("-") and words and not words[0].startswith("-"):
            piece += f" {words.pop(0)}"
        yield piece if first else f" {piece}"
        first = False
