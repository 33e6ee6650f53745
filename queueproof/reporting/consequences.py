"""What a broken promise means for those who use the target: failures by their consequence.

A reader of a failing report asks first whether jobs or events are lost, and only then which of two
hundred promises it was. The consequence follows from the area that a requirement belongs to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from queueproof.reporting import digest
from queueproof.reporting.model import CaseResult, RequirementResult, RunResult
from queueproof.verdicts import Verdict

#: Areas by what users notice when their promises break, the gravest first.
_BY_AREA: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Jobs are lost, stuck or run twice",
        (
            *("resilience", "lifecycle", "queueing", "submitting", "watchdog", "prediction"),
            *("status", "workers", "outages"),
        ),
    ),
    (
        "Events are lost, repeated or never come",
        ("polling", "streaming", "startup_grace", "live_events"),
    ),
    ("Cancels do not do what they say", ("cancel", "abort")),
    ("Strangers get in, or owners do not", ("access",)),
    ("Data stays too long or goes too soon", ("ttl", "retention", "db_index")),
    ("The monitor or the health check misleads", ("monitor", "dashboard", "health")),
    ("Settings and starts do not do what is documented", ("boot", "settings", "configuration")),
)
_OTHER = "Other promises do not hold"
_ORDER = (*(words for words, _ in _BY_AREA), _OTHER)
_OF_AREA = {area: words for words, areas in _BY_AREA for area in areas}
_WANTING = (Verdict.FAILED, Verdict.ERROR, Verdict.INCONCLUSIVE)
_UNSETTLED = "Not settled"


@dataclass(frozen=True)
class Group:
    """Requirements with one consequence, those that are a MUST first."""

    words: str
    rows: tuple[RequirementResult, ...]

    @property
    def must(self) -> int:
        """How many of them the contract's document itself makes."""
        return sum(row.level == "MUST" for row in self.rows)


def consequence_of(row: RequirementResult) -> str:
    """What users notice when the requirement does not hold, in a few words."""
    return consequence_of_area(row.area) or _OTHER


def consequence_of_area(area: str) -> str:
    """What users notice when an area's requirements do not hold; empty where it is not known."""
    return _OF_AREA.get(area, "")


def wanting(result: RunResult) -> list[Group]:
    """What failed, by consequence; then what came to no verdict; nothing that a baseline accepts.

    An error of ours, or an inconclusive case, is no consequence for users: it stands by itself.
    """
    rows = [
        row
        for verdict in _WANTING
        for row in digest.rows_with(result, verdict)
        if row.id not in result.accepted
    ]
    groups: defaultdict[str, list[RequirementResult]] = defaultdict(list)
    for row in rows:
        failed = row.verdict is Verdict.FAILED
        groups[consequence_of(row) if failed else _UNSETTLED].append(row)
    order = (*_ORDER, _UNSETTLED)
    return [Group(words, _must_first(groups[words])) for words in order if words in groups]


def failed(result: RunResult) -> list[Group]:
    """What failed, by consequence, without what came to no verdict."""
    return [group for group in wanting(result) if group.words != _UNSETTLED]


def what_happened(row: RequirementResult) -> str:
    """The row's first case that decided its verdict, in what it saw; else why it has none."""
    told = (_seen(case) for case in row.cases if case.verdict is row.verdict)
    return next(filter(None, told), digest.reason_of(row))


def _seen(case: CaseResult) -> str:
    return case.actual or case.reason


def _must_first(rows: Iterable[RequirementResult]) -> tuple[RequirementResult, ...]:
    return tuple(sorted(rows, key=lambda row: row.level != "MUST"))
