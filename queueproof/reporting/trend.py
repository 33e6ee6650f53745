"""The history over runs: how each run ended, and what became of each requirement from run to run.

A requirement is *flaky* where it passed, failed and passed again (or the other way round) on one
version of a target: nothing that was released explains that. What fails now and held before is
*broken*, what holds now and failed before is *fixed*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from queueproof.reporting import digest
from queueproof.reporting.model import RunResult
from queueproof.reporting.written_tables import WrittenTable
from queueproof.verdicts import Verdict

_SETTLED = (Verdict.PASSED, Verdict.PASSED_IN_PART, Verdict.FAILED)
_NEVER = " "
_FLAKY, _BROKEN, _FIXED, _FAILING = "flaky", "broken", "fixed", "still failing"
_ORDER = (_BROKEN, _FLAKY, _FAILING, _FIXED)


@dataclass(frozen=True)
class Course:
    """What became of one requirement: a verdict a run (None: not in that run), and in a word."""

    id: str
    sentence: str
    verdicts: tuple[Verdict | None, ...]
    word: str

    @property
    def signs(self) -> str:
        """A sign for each run, the first run first."""
        return "".join(digest.SYMBOLS[each] if each else _NEVER for each in self.verdicts)


def in_order(results: Iterable[RunResult]) -> list[RunResult]:
    """The runs in the order in which they began."""
    return sorted(results, key=lambda result: result.run.started_at)


def courses(results: Sequence[RunResult]) -> list[Course]:
    """Every requirement that did not simply pass in all the runs, the most urgent first.

    `results` are in the order in which they began, and of one contract.
    """
    sentences = {row.id: row.sentence for result in results for row in result.requirements}
    verdicts = [{row.id: row.verdict for row in result.requirements} for result in results]
    subjects = [digest.subject(result) for result in results]
    found = []
    for name, sentence in sentences.items():
        own = tuple(of_run.get(name) for of_run in verdicts)
        if word := _word(own, subjects):
            found.append(Course(name, sentence, own, word))
    return sorted(found, key=lambda course: _ORDER.index(course.word))


def wants_attention(found: Iterable[Course]) -> bool:
    """Whether something broke, or cannot be relied on."""
    return any(course.word in (_BROKEN, _FLAKY) for course in found)


def run_table(results: Sequence[RunResult]) -> WrittenTable:
    """A row a run: when it began, how it ended, what became of its requirements, and of what."""
    names = ("began", "run", "verdict", "requirements", "target")
    return WrittenTable(f"{len(results)} runs", names, [_run_row(result) for result in results])


def course_table(found: Sequence[Course]) -> WrittenTable:
    """A row a requirement that did not simply pass: its signs from the first run to the last."""
    legend = "  ".join(f"{digest.SYMBOLS[each]} {each.words}" for each in digest.READING_ORDER)
    rows = [(course.id, course.word, course.signs, course.sentence) for course in found]
    return WrittenTable(
        f"from run to run ({legend})", ("id", "in a word", "runs", "requirement"), rows
    )


def _run_row(result: RunResult) -> tuple[str, ...]:
    counts = result.counts()
    told = [
        f"{counts[verdict.value]} {verdict.words}"
        for verdict in digest.READING_ORDER
        if counts[verdict.value] and verdict is not Verdict.NOT_ASSESSED
    ]
    began = result.run.started_at[:16].replace("T", " ")
    target = digest.subject(result)
    return (began, result.run.id, result.verdict.words, ", ".join(told) or "none judged", target)


def _word(verdicts: Sequence[Verdict | None], subjects: Sequence[str]) -> str:
    settled = [
        (subject, verdict is Verdict.FAILED)
        for subject, verdict in zip(subjects, verdicts, strict=True)
        if verdict in _SETTLED
    ]
    if not any(failed for _, failed in settled):
        return ""
    changes = {
        subject: len(list(groupby(failed for of, failed in settled if of == subject))) - 1
        for subject in {subject for subject, _ in settled}
    }
    if max(changes.values()) > 1:
        return _FLAKY
    first, last = settled[0][1], settled[-1][1]
    if last:
        return _FAILING if first else _BROKEN
    return _FIXED
