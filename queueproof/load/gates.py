"""Gates: the figures that a run must reach, written as `operation.measure = limit`.

`submit.p99_ms = 250` bounds a percentile of an operation from above; of the run as a whole,
`errors` bounds the share of failed requests from above, `served` the share of the scheduled jobs
that were brought to their end, `jobs_per_s` the jobs ended a second, and `capacity` the rate that
a climb found to be carried, all from below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from queueproof.config.kinds import Number
from queueproof.errors import UsageError

_LIMIT = Number(most=1e12)
OPERATIONS = (
    "submit",
    "first_event",
    "poll",
    "predict",
    "job",
    "overhead",
    "cancel",
    "cancel_to_stopped",
    "reclaimed",
)
_AT_MOST = ("errors",)
_AT_LEAST = ("served", "jobs_per_s", "capacity")
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)_ms")


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One limit. `operation` is empty for a figure of the whole run."""

    operation: str
    measure: str
    limit: float

    @property
    def name(self) -> str:
        """As it is written."""
        return f"{self.operation}.{self.measure}" if self.operation else self.measure

    @property
    def percentile(self) -> float | None:
        """Which percentile it bounds, 0 … 100, if it bounds one."""
        found = _PERCENTILE.fullmatch(self.measure)
        return float(found[1]) if found else None

    @property
    def at_least(self) -> bool:
        """Whether the figure must reach the limit, rather than stay below it."""
        return self.measure in _AT_LEAST

    def holds(self, figure: float) -> bool:
        """Whether a measured figure is on the right side."""
        return figure >= self.limit if self.at_least else figure <= self.limit


def read_gates(table: Mapping[str, Any], *, where: str) -> tuple[Gate, ...]:
    """The gates of a table, nested or dotted; raises UsageError for what is no gate."""
    gates = []
    for name, value in table.items():
        rows = value if isinstance(value, dict) else {"": value}
        for measure, limit in rows.items():
            gates.append(gate_from(".".join(filter(None, (name, measure))), limit, where=where))
    return tuple(gates)


def gate_from(name: str, limit: Any, *, where: str) -> Gate:
    """One gate; raises UsageError."""
    operation, _, measure = name.partition(".") if name.count(".") else ("", "", name)
    gate = Gate(operation=operation, measure=measure, limit=_LIMIT.read(limit, f"{where}: {name}"))
    of_run = not operation and measure in (*_AT_MOST, *_AT_LEAST)
    if not of_run and not (operation in OPERATIONS and gate.percentile is not None):
        whole = ", ".join((*_AT_MOST, *_AT_LEAST))
        raise UsageError(
            f"{where}: {name} is no gate: write {whole}, or an operation "
            f"({', '.join(OPERATIONS)}) with a percentile, such as submit.p99_ms"
        )
    return gate
