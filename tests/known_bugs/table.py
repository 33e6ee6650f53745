"""The table of known bugs, as it is printed and as it stands in the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.known_bugs.pairs import Pair
from tests.known_bugs.playing import Seen

BEGIN, END = "<!-- known-bugs: begin -->", "<!-- known-bugs: end -->"
_HEAD = (
    "| pair | bug | requirement | bad release | what was seen | good release | what was seen |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A pair and what was seen of both sides."""

    pair: Pair
    bad: Seen
    good: Seen

    @property
    def holds(self) -> bool:
        """Whether the bad release failed the requirement and the good one passed it."""
        return self.bad.verdict == "failed" and self.good.verdict == "passed"


def rows_of(shown: Sequence[Shown]) -> Iterator[str]:
    """The table's lines, in Markdown."""
    yield from _HEAD
    for one in shown:
        pair = one.pair
        cells = (
            *(pair.id, f"{pair.bug} ({pair.report})", pair.requirement),
            *(_name(pair.bad), _seen(one.bad), _name(pair.good), _seen(one.good)),
        )
        yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def with_rows(text: str, shown: Sequence[Shown]) -> str:
    """A document with the table between its two marks; raises ValueError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the document lacks {BEGIN} or {END}")
    table = "\n".join(rows_of(shown))
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def _name(words: Sequence[str]) -> str:
    return f"`{' '.join(words)}`"


def _seen(seen: Seen) -> str:
    return f"{seen.verdict}: {seen.actual}" if seen.verdict != "passed" else "passed"
