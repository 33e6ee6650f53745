"""Views of a result that several writers need: the headline, groups, gaps in coverage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from queueproof.reporting.model import STOOD_STILL, CaseResult, RequirementResult, RunResult
from queueproof.verdicts import Verdict

SYMBOLS = {
    Verdict.PASSED: "✓",
    Verdict.PASSED_IN_PART: "◐",
    Verdict.FAILED: "✗",
    Verdict.INCONCLUSIVE: "?",
    Verdict.ERROR: "!",
    Verdict.NOT_ASSESSED: "○",
}
"""A sign for each verdict, so that none is told by colour alone."""

BY_GRAVITY = tuple(sorted(Verdict, key=lambda verdict: -verdict.gravity))
"""The gravest first: the order in which a reader needs them."""

READING_ORDER = (
    Verdict.PASSED,
    Verdict.PASSED_IN_PART,
    Verdict.FAILED,
    Verdict.INCONCLUSIVE,
    Verdict.ERROR,
    Verdict.NOT_ASSESSED,
)
"""The order of columns and of sentences that count."""

#: What stands behind the line of a trace that tells of the first thing that was wrong.
WRONG_HERE = "← wrong here first"

#: How a note of a run's coverage begins that tells what became of the workers.
_WORKERS = "workers: "
_NO_REASON = "no reason recorded"
_LEADS = {
    Verdict.PASSED: "{count} of {total} assessed {things} {hold}",
    Verdict.PASSED_IN_PART: "{count} of {total} assessed {things} {hold} in part",
    Verdict.FAILED: "{count} of {total} assessed {things} {do} not hold",
    Verdict.INCONCLUSIVE: "{count} of {total} assessed {things} could not be settled",
    Verdict.ERROR: "queueproof itself failed on {count} of {total} assessed {things}",
    Verdict.NOT_ASSESSED: "nothing was assessed",
}
_WITHOUT_CULPRIT = {
    Verdict.PASSED: "nothing was found wanting",
    Verdict.PASSED_IN_PART: "nothing was found wanting",
    Verdict.FAILED: "the run failed",
    Verdict.INCONCLUSIVE: "only {total} of {all} {things} were assessed",
    Verdict.ERROR: "queueproof itself failed, so the run proves nothing",
    Verdict.NOT_ASSESSED: "nothing was assessed",
}


@dataclass(frozen=True)
class CoverageGrid:
    """One operation's worker pairs: how often each (submitting, acting) pair was used."""

    operation: str
    workers: tuple[str, ...]
    counts: dict[tuple[str, str], int]

    @property
    def possible(self) -> int:
        """How many pairs there are."""
        return len(self.workers) ** 2

    @property
    def missing(self) -> tuple[tuple[str, str], ...]:
        """The pairs that no operation used."""
        every = ((submit, act) for submit in self.workers for act in self.workers)
        return tuple(pair for pair in every if not self.counts.get(pair))

    @property
    def covered(self) -> int:
        """How many pairs were used at least once."""
        return self.possible - len(self.missing)


def headline(result: RunResult) -> str:
    """One sentence, without a full stop, that says what the run found."""
    if standstills(result):
        return f"the target stopped beginning jobs in mid-run; {_found(result)}"
    return _found(result)


def standstills(result: RunResult) -> list[str]:
    """Since when, and after what, the target began no jobs any more; told before all else."""
    return [note for note in result.coverage.notes if note.startswith(STOOD_STILL)]


def _found(result: RunResult) -> str:
    if result.baseline and result.verdict in (Verdict.PASSED, Verdict.FAILED):
        return _headline_with_baseline(result)
    if result.variants:
        return _proof(result)
    tally = Counter(_judged(result))
    count, unasked = tally[result.verdict], tally[Verdict.NOT_ASSESSED]
    total = sum(tally.values()) - unasked
    if not count and result.run.interrupted:
        return f"cut short when {total} of {total + unasked} {_things(result)} were assessed"
    template = (_LEADS if count else _WITHOUT_CULPRIT)[result.verdict]
    words = template.format(
        count=count,
        total=total,
        all=total + unasked,
        things=_things(result),
        do="does" if count == 1 else "do",
        hold="holds" if count == 1 else "hold",
    )
    if (in_part := tally[Verdict.PASSED_IN_PART]) and result.verdict is not Verdict.PASSED_IN_PART:
        words += f", {in_part} passed in part"
    return f"{words}; {unasked} not assessed" if unasked and total and count else words


def is_reference(result: RunResult) -> bool:
    """Whether our own reference was judged."""
    return any("embedded reference" in url for url in result.target.urls)


def subject(result: RunResult) -> str:
    """What was judged, in a few words: a product and its version, or our own reference.

    The reference keeps a product's contract and tells its version; it is not that product.
    """
    target = result.target
    if is_reference(result):
        return f"reference implementation (contract {target.contract})"
    return f"{target.contract} {target.version or ''}".strip()


def share(result: RunResult) -> str:
    """How much of what there is was judged, in a sentence; empty where that is everything, wholly.

    A run of which a quarter was asked is not to be mistaken for one of which everything was.
    """
    if result.assessed == len(result.requirements) and not result.in_part:
        return ""
    in_part = f", {result.in_part} in part" if result.in_part else ""
    whole = len(result.requirements)
    things = "requirement was" if whole == 1 else "requirements were"
    return f"{result.assessed} of {whole} {things} judged{in_part}"


def workers_in_words(result: RunResult) -> str:
    """How many workers there were, their letters, and what became of them: `3 (a, b, c)`."""
    workers = result.target.workers
    notes = (note.removeprefix(_WORKERS) for note in result.coverage.notes if _WORKERS in note[:9])
    letters = f" ({', '.join(workers)})" if workers else ""
    return "; ".join([f"{len(workers)}{letters}", *notes])


def _headline_with_baseline(result: RunResult) -> str:
    """What is news: failures that nobody accepted, and entries that no longer tell the truth."""
    accepted = result.accepted
    news = sum(row.id not in accepted for row in rows_with(result, Verdict.FAILED))
    wrong = sum(entry.fails_the_run for entry in result.baseline or ())
    told = [f"{news} unexpected failure{'' if news == 1 else 's'}"]
    told += (
        [f"{wrong} baseline {'entry' if wrong == 1 else 'entries'} out of date"] if wrong else []
    )
    told += [f"{len(accepted)} known failure{'' if len(accepted) == 1 else 's'} accepted"]
    return f"{', '.join(told)}; {result.assessed} of {len(result.requirements)} assessed"


def reason_of(row: RequirementResult) -> str:
    """Why the row has its verdict: its own reason, else that of the first case that decided it.

    What passed in part says what was not asked, and why. Empty where nothing more is known; a row
    that was not assessed always has a reason.
    """
    if row.verdict is Verdict.PASSED_IN_PART:
        return "; ".join(f"not asked: {told}" for told in unasked_of(row))
    reasons = (case.reason for case in row.cases if case.verdict is row.verdict)
    unknown = ""
    if row.verdict is Verdict.NOT_ASSESSED:
        unknown = _NO_REASON if row.cases else "no case ran"
    return row.reason or next(filter(None, reasons), unknown)


def unasked_of(row: RequirementResult) -> list[str]:
    """The row's cases that were not asked, each in words with its reason."""
    return [f"{case.title.rstrip('.')}: {case.reason or _NO_REASON}" for case in row.unasked]


def rows_with(result: RunResult, verdict: Verdict) -> list[RequirementResult]:
    """The requirements of one verdict, in registry order."""
    return [row for row in result.requirements if row.verdict is verdict]


def cases_with(
    result: RunResult, verdict: Verdict
) -> Iterator[tuple[RequirementResult, CaseResult]]:
    """Every case of one verdict with the requirement it judges."""
    for row in result.requirements:
        for case in row.cases:
            if case.verdict is verdict:
                yield row, case


def by_area(result: RunResult) -> dict[str, list[RequirementResult]]:
    """Requirements by area, both in registry order."""
    areas: dict[str, list[RequirementResult]] = defaultdict(list)
    for row in result.requirements:
        areas[row.area].append(row)
    return dict(areas)


def tally_of(rows: list[RequirementResult]) -> list[tuple[Verdict, int]]:
    """The verdicts that occur among `rows`, in reading order, with their number."""
    tally = Counter(row.verdict for row in rows)
    return [(verdict, tally[verdict]) for verdict in READING_ORDER if tally[verdict]]


def holds(rows: list[RequirementResult]) -> bool:
    """Whether all of them passed, so that nobody need look at them one by one."""
    return all(row.verdict.unblemished for row in rows)


def shortened(lines: tuple[str, ...], limit: int) -> list[str]:
    """At most `limit` lines: the first and the last ones, with a note of what lies between.

    A line that is marked as wrong is kept in any case.
    """
    if len(lines) <= limit:
        return list(lines)
    half = limit // 2
    between = lines[half:-half]
    marked = [line for line in between if WRONG_HERE in line]
    left_out = f"… {len(between) - len(marked)} more lines in the report"
    return [*lines[:half], left_out, *marked, *lines[-half:]]


def unassessed(result: RunResult) -> dict[str, list[str]]:
    """Requirement IDs by the reason why they, or some of their cases, were not assessed.

    A requirement that was judged by other cases is marked `(in part)`.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for row in result.requirements:
        if row.verdict is Verdict.NOT_ASSESSED:
            groups[reason_of(row)].append(row.id)
            continue
        for reason in dict.fromkeys(case.reason or _NO_REASON for case in row.unasked):
            groups[reason].append(f"{row.id} (in part)")
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def coverage_grids(result: RunResult) -> list[CoverageGrid]:
    """A grid an operation, over the target's workers and any others that were seen."""
    pairs = result.coverage.pairs
    seen = {worker for _, submit, act, _ in pairs for worker in (submit, act)}
    workers = (*result.target.workers, *sorted(seen - set(result.target.workers)))
    grids = {operation: CoverageGrid(operation, workers, {}) for operation, *_ in pairs}
    for operation, submit, act, count in pairs:
        counts = grids[operation].counts
        counts[submit, act] = counts.get((submit, act), 0) + count
    return list(grids.values())


def entries(result: RunResult) -> tuple[dict[str, Any], ...]:
    """A chaos run's scenarios or a load run's profiles; a gate run has neither."""
    return result.scenarios + result.profiles


def entry_verdict(entry: dict[str, Any]) -> Verdict:
    """The verdict of a scenario or profile; without a known one it counts as our error."""
    known = {verdict.value: verdict for verdict in Verdict}
    return known.get(str(entry.get("verdict")), Verdict.ERROR)


def _proof(result: RunResult) -> str:
    """What a run over variants found."""
    wrong = [entry for entry in result.variants if entry_verdict(entry) is not Verdict.PASSED]
    if wrong:
        return f"{len(wrong)} of {len(result.variants)} variants came out otherwise than they must"
    if result.verdict is not Verdict.PASSED:
        return "some requirements are not known to be judged"
    return f"all {len(result.variants)} variants came out as they must"


def _judged(result: RunResult) -> list[Verdict]:
    """What the headline counts: requirements if the run has any, else scenarios and profiles."""
    rows = [row.verdict for row in result.requirements]
    return rows or [entry_verdict(entry) for entry in entries(result)]


def _things(result: RunResult) -> str:
    if result.requirements or not entries(result):
        return "requirements"
    return "scenarios" if result.scenarios else "load profiles"
