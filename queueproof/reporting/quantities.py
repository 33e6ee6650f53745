"""What was measured beside the verdicts, in words and percentiles.

A quantity of a name that is not here is told by its name: suites of others may measure theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from queueproof.reporting.model import Quantity

#: A measurement is told to the millisecond; so many of one quantity are kept for comparing runs.
_DIGITS, _MOST_KEPT = 3, 1000
PERCENTILES = (50, 90, 99, 100)
_WORDS = {
    "loss_to_known_s": "from a worker's loss until its job was run again, or told of",
    "heal_to_first_job_s": "from an outage's end until each worker began a job",
    "delay_lateness_s": "from a delayed job's time until it began",
    "waiting_s": "from a submit until the job began, where slots were taken",
}


def quantities_of(measured: Mapping[str, Iterable[float]]) -> tuple[Quantity, ...]:
    """Measurements in seconds, by name, as the report has them; those in words come first."""
    names = [*(name for name in _WORDS if name in measured), *sorted(measured.keys() - _WORDS)]
    found = ((name, sorted(round(value, _DIGITS) for value in measured[name])) for name in names)
    return tuple(
        Quantity(name=name, values_s=tuple(values[:_MOST_KEPT])) for name, values in found if values
    )


def words_of(quantity: Quantity) -> str:
    """What it is, for a person."""
    return _WORDS.get(quantity.name, quantity.name.replace("_", " "))


def entry_of(quantity: Quantity) -> dict[str, Any]:
    """The quantity in `report.json`."""
    return {
        "name": quantity.name,
        "words": words_of(quantity),
        "samples": len(quantity.values_s),
        **{f"p{share}_s": quantity.percentile_s(share) for share in PERCENTILES},
        "values_s": list(quantity.values_s),
    }


def line_of(quantity: Quantity) -> str:
    """The quantity in one line of text."""
    told = "  ".join(f"p{share} {quantity.percentile_s(share):.2f}" for share in PERCENTILES)
    return f"{words_of(quantity)}: {told} s ({len(quantity.values_s)})"
