"""An outage as a report tells it: sentences, and its phases by the requirements judged in them.

A scenario is an open object (see the schema): what is not there is not told, and what no sentence
tells is left to the list of facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from queueproof.reporting import digest
from queueproof.reporting.text import seconds
from queueproof.verdicts import Verdict

#: What `sentences_of` and `phase_grid` tell, so that no list of facts repeats it.
TOLD = frozenset(
    (
        *("title", "verifies", "fault", "confirmation", "reason", "duration_s", "jobs"),
        *("reproduce", "outcome", "promised", "broken", "quantities", "steady_state"),
    )
)


#: How the name of a second look at an outage ends.
SECOND_LOOK = "-again"
#: What became of jobs that had no end: their time is how long was watched.
ENDLESS = ("untold", "lost")


@dataclass(frozen=True)
class PhaseGrid:
    """A row a requirement, a column a phase; a verdict, or None where nothing judged it then."""

    phases: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Verdict | None, ...]], ...]


def heading_of(entry: dict[str, Any]) -> str:
    """ID and title of an outage or a profile; the ID alone where it has no title."""
    return " ".join(str(entry[key]) for key in ("id", "title") if entry.get(key))


def sentences_of(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """What was done and what came of it: a label and a sentence each."""
    return [(label, text) for label, text in _sentences(entry) if text]


def phase_grid(entry: dict[str, Any]) -> PhaseGrid | None:
    """The phases by requirements; None where the phases name no requirement.

    Requirements that no phase gave an occasion to judge are left out.
    """
    phases = [each for each in entry.get("phases") or () if isinstance(each, dict)]
    judged = [each.get("requirements") for each in phases]
    tables = [each if isinstance(each, dict) else {} for each in judged]
    rows = []
    for name in dict.fromkeys(name for table in tables for name in table):
        verdicts = tuple(_verdict(table.get(name)) for table in tables)
        if any(verdicts):
            rows.append((str(name), verdicts))
    names = tuple(str(each.get("name") or "unnamed") for each in phases)
    return PhaseGrid(names, tuple(rows)) if rows else None


def findings_of(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """What was wrong: the phase, and the finding in words."""
    found = []
    for phase in entry.get("phases") or ():
        told = phase.get("findings") if isinstance(phase, dict) else None
        if isinstance(told, list):
            found += [(str(phase.get("name") or "unnamed"), str(each)) for each in told]
    return found


def outcome_in_words(outcome: Any) -> str:
    """`jobs: 4 again (the last 12.3 s after it began), 9 kept; workers: works after 1.20 s`; empty
    where an entry has no outcome.
    """
    if not isinstance(outcome, dict):
        return ""
    counts = outcome.get("counts") or {}
    jobs = [f"{number} {word}{_when(outcome, word)}" for word, number in counts.items()]
    parts = [f"jobs: {', '.join(jobs)}"] if jobs else []
    if workers := outcome.get("workers"):
        waited = seconds(outcome.get("workers_s") or 0.0)
        parts.append(f"workers: {workers} {'after' if workers == 'works' else 'for'} {waited}")
    ended = outcome.get("ended") or {}
    parts += [f"the last words of {label}: {words}" for label, words in ended.items() if words]
    return "; ".join(parts)


def _when(outcome: dict[str, Any], word: str) -> str:
    """The time of the worst word: for what had no end, how long was watched."""
    at_s = outcome.get("jobs_s")
    if word != outcome.get("jobs") or not isinstance(at_s, int | float):
        return ""
    if word in ENDLESS:
        return f" (watched for {seconds(at_s)})"
    return f" (the last {seconds(at_s)} after it began)"


def _sentences(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Fault", str(entry.get("fault") or "")
    yield "It took effect", str(entry.get("confirmation") or "").replace("; ", "\n")
    yield "Reason", str(entry.get("reason") or "")
    yield "Jobs", _jobs(entry.get("jobs"))
    yield "Outcome", outcome_in_words(entry.get("outcome"))
    yield "Promised", str(entry.get("promised") or "")
    yield "Steady state", _lines(entry.get("steady_state"))
    yield "Times", _times(entry.get("quantities"))
    yield "Verifies", str(entry.get("verifies") or "")
    took = entry.get("duration_s")
    yield "Took", seconds(took) if isinstance(took, int | float) else ""


def _lines(told: Any) -> str:
    return "\n".join(str(each) for each in told) if isinstance(told, list) else ""


def _times(quantities: Any) -> str:
    """A line a quantity, of what is one."""
    told = (
        [each for each in quantities if isinstance(each, dict)]
        if isinstance(quantities, list)
        else []
    )
    return "\n".join(
        f"{each.get('words')}: half within {seconds(each['p50_s'])}, "
        f"all within {seconds(each['p100_s'])} ({each.get('samples')})"
        for each in told
        if all(isinstance(each.get(key), int | float) for key in ("p50_s", "p100_s"))
    )


def _jobs(jobs: Any) -> str:
    if not isinstance(jobs, dict) or not isinstance(jobs.get("submitted"), int):
        return ""
    ends = [
        f"{jobs[name]} {words}"
        for name, words in (
            ("accepted", "accepted"),
            ("refused", "refused"),
            ("unanswered", "left without an answer"),
        )
        if jobs.get(name)
    ]
    cancelled = (
        f"; {jobs['cancelled']} of them were to be cancelled" if jobs.get("cancelled") else ""
    )
    return f"{jobs['submitted']} submitted: {', '.join(ends) or 'none answered'}{cancelled}"


def _verdict(value: Any) -> Verdict | None:
    if value is None:
        return None
    verdict = digest.entry_verdict({"verdict": value})
    return None if verdict is Verdict.NOT_ASSESSED else verdict
