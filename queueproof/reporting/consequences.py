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

_EVENTS = "Events are lost, repeated or never come"
_CANCELS = "Cancels do not do what they say"
_MONITOR = "The monitor or the health check misleads"
_UNANSWERED = "Requests hang, or service does not come back"
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
        _EVENTS,
        ("polling", "streaming", "startup_grace", "live_events"),
    ),
    (_CANCELS, ("cancel", "abort")),
    ("Strangers get in, or owners do not", ("access",)),
    ("Data stays too long or goes too soon", ("ttl", "retention", "db_index")),
    (_MONITOR, ("monitor", "dashboard", "health")),
    ("Settings and starts do not do what is documented", ("boot", "settings", "configuration")),
)
#: What an outage shows is of many kinds: requirements with another consequence than their area's.
_BY_REQUIREMENT = {
    "RESI-003": _EVENTS,
    "RESI-004": _EVENTS,
    "RESI-009": _MONITOR,
    "RESI-010": _MONITOR,
    "RESI-011": _MONITOR,
    "OUTG-010": _MONITOR,
    "RESI-005": _UNANSWERED,
    "RESI-007": _UNANSWERED,
    "RESI-012": _UNANSWERED,
    "OUTG-003": _UNANSWERED,
    "OUTG-013": _UNANSWERED,
    "OUTG-014": _EVENTS,
    "CANC-017": _CANCELS,
}
_OTHER = "Other promises do not hold"
#: The gravest first.
ORDER = (_BY_AREA[0][0], _UNANSWERED, *(words for words, _ in _BY_AREA[1:]), _OTHER)
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
    return known_consequence(row.area, row.id) or _OTHER


def known_consequence(area: str, requirement: str = "") -> str:
    """The same of an area, or of one requirement of it; empty where it is not known."""
    return _BY_REQUIREMENT.get(requirement) or _OF_AREA.get(area, "")


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
    order = (*ORDER, _UNSETTLED)
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
