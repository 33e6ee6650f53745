"""What changed between two runs, requirement by requirement.

The runs need not be of one version: comparing versions is what this is for. They must be of one
contract. A verdict counts as news in the direction a reader cares about: broken first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from rich.console import Group, RenderableType
from rich.text import Text

from queueproof.errors import UsageError
from queueproof.reporting import digest, html, markdown
from queueproof.reporting.model import RequirementResult, RunResult
from queueproof.reporting.terminal import Hanging
from queueproof.reporting.text import shown_in_line
from queueproof.verdicts import Verdict


class DiffChange(Enum):
    """What became of a requirement, the most important first."""

    BROKEN = "broken"
    NEWLY_FAILING = "failing, not judged before"
    STILL_FAILING = "still failing"
    UNSETTLED = "unsettled"
    NO_LONGER_ASSESSED = "no longer assessed"
    FIXED = "fixed"
    NEWLY_ASSESSED = "newly assessed"
    SAME = "unchanged"

    @property
    def tone(self) -> str:
        """The verdict whose colour it is shown in."""
        return _TONES[self].value


_TONES = {
    DiffChange.BROKEN: Verdict.FAILED,
    DiffChange.NEWLY_FAILING: Verdict.FAILED,
    DiffChange.STILL_FAILING: Verdict.FAILED,
    DiffChange.UNSETTLED: Verdict.INCONCLUSIVE,
    DiffChange.NO_LONGER_ASSESSED: Verdict.NOT_ASSESSED,
    DiffChange.FIXED: Verdict.PASSED,
    DiffChange.NEWLY_ASSESSED: Verdict.PASSED,
    DiffChange.SAME: Verdict.NOT_ASSESSED,
}
_STYLES = {"failed": "bold red", "inconclusive": "yellow", "passed": "green", "not_assessed": "dim"}
_UNSETTLED = (Verdict.INCONCLUSIVE, Verdict.ERROR)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One requirement in both runs; `before` and `after` are None where a run lacks it."""

    id: str
    level: str
    sentence: str
    before: Verdict | None
    after: Verdict | None
    why: str
    change: DiffChange

    @property
    def words(self) -> str:
        """From what to what."""
        sides = (side.words if side else "not in the run" for side in (self.before, self.after))
        return " → ".join(sides)


@dataclass(frozen=True)
class Comparison:
    """Two runs and every requirement of either, by what became of it."""

    old: RunResult
    new: RunResult
    changes: dict[DiffChange, list[Difference]]

    @property
    def broken(self) -> bool:
        """Whether anything fails that did not fail before."""
        return bool(self.changes[DiffChange.BROKEN] or self.changes[DiffChange.NEWLY_FAILING])

    @property
    def headline(self) -> str:
        """One line: how many of each, unchanged ones last."""
        told = [f"{len(each)} {change.value}" for change, each in self.changes.items() if each]
        return ", ".join(told) or "nothing to compare"

    @property
    def told(self) -> list[tuple[DiffChange, list[Difference]]]:
        """The groups that a reader is shown: all but the unchanged."""
        groups = self.changes.items()
        return [(change, each) for change, each in groups if each and change is not DiffChange.SAME]


def compare(old: RunResult, new: RunResult) -> Comparison:
    """Every requirement of either run. Raises `UsageError` for runs of different contracts."""
    if old.target.contract != new.target.contract:
        raise UsageError(
            f"cannot compare {old.target.contract} with {new.target.contract}: "
            "the two contracts share no requirements"
        )
    before = {row.id: row for row in old.requirements}
    after = {row.id: row for row in new.requirements}
    changes: dict[DiffChange, list[Difference]] = {change: [] for change in DiffChange}
    for key in dict.fromkeys([*before, *after]):
        difference = _difference(before.get(key), after.get(key))
        changes[difference.change].append(difference)
    return Comparison(old, new, changes)


def named(result: RunResult) -> str:
    """A run as a reader tells it from another one."""
    version = result.target.version or "of unknown version"
    return f"{result.target.contract} {version}, run {result.run.id}"


def render_terminal(comparison: Comparison) -> RenderableType:
    """The comparison as a terminal shows it."""
    return Group(*_lines(comparison))


def render_markdown(comparison: Comparison) -> str:
    """The comparison as a page for a pull request."""
    plain = markdown.plain
    parts = [
        f"# {plain(comparison.headline)}",
        f"Before: {plain(named(comparison.old))}  \nAfter: {plain(named(comparison.new))}",
    ]
    for change, each in comparison.told:
        parts.append(f"## {change.value.capitalize()} ({len(each)})")
        parts.append("\n".join(_bullet(difference) for difference in each))
    return "\n\n".join(parts) + "\n"


def render_html(comparison: Comparison) -> str:
    """The comparison as one page of its own."""
    return html.page("diff.html.j2", comparison=comparison, named=named)


def _difference(old: RequirementResult | None, new: RequirementResult | None) -> Difference:
    row = new or old
    assert row is not None
    before, after = (side.verdict if side else None for side in (old, new))
    return Difference(
        id=row.id,
        level=row.level,
        sentence=row.sentence,
        before=before,
        after=after,
        why=_why(new),
        change=_change(before, after),
    )


def _change(before: Verdict | None, after: Verdict | None) -> DiffChange:
    was, now = before or Verdict.NOT_ASSESSED, after or Verdict.NOT_ASSESSED
    if now is Verdict.FAILED:
        news = DiffChange.BROKEN if was.unblemished else DiffChange.NEWLY_FAILING
        return DiffChange.STILL_FAILING if was is Verdict.FAILED else news
    if was is now:
        return DiffChange.SAME
    if now in _UNSETTLED:
        return DiffChange.UNSETTLED
    if now is Verdict.NOT_ASSESSED or (was is Verdict.PASSED and now is Verdict.PASSED_IN_PART):
        return DiffChange.NO_LONGER_ASSESSED
    return DiffChange.FIXED if was is Verdict.FAILED else DiffChange.NEWLY_ASSESSED


def _why(row: RequirementResult | None) -> str:
    """What the newer run says of it: the first finding, else the reason."""
    if row is None or row.verdict is Verdict.PASSED:
        return ""
    findings = (case.actual for case in row.cases if case.verdict is Verdict.FAILED)
    return next(filter(None, findings), "") or digest.reason_of(row)


def _lines(comparison: Comparison) -> Iterator[RenderableType]:
    yield Text.assemble(("before  ", "dim"), shown_in_line(named(comparison.old)))
    yield Text.assemble(("after   ", "dim"), shown_in_line(named(comparison.new)))
    for change, each in comparison.told:
        yield Text()
        yield Text(f"{change.value} ({len(each)})", style=_STYLES[change.tone])
        for difference in each:
            head = Text(f"  {difference.id:<9} {difference.level:<7}")
            yield Hanging(head, shown_in_line(difference.sentence))
            told = f"{difference.words}  {difference.why}".rstrip()
            yield Hanging(Text(" " * head.cell_len), shown_in_line(told, limit=300), "dim")
    yield Text()
    yield Text(comparison.headline, style="bold")


def _bullet(difference: Difference) -> str:
    why = f": {markdown.plain(difference.why)}" if difference.why else ""
    return (
        f"- **{markdown.plain(difference.id)}** {difference.level} "
        f"{markdown.plain(difference.sentence)} ({difference.words}){why}"
    )
