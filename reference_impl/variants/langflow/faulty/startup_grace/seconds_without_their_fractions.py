"""The startup grace and the stale threshold are whole seconds: what is behind the point is cut off.

A grace of 2.4 is one of 2, and one of 0.9 is none, though the document's default is 30.0.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings
from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"GRACE-003"})
PLAYS = ("startup_grace", "WDOG-002")
CUT = frozenset({"startup_grace_s", "stale_threshold_s"})


def _whole(value: str) -> float:
    return float(int(float(value)))


def install() -> None:
    """Read them so."""
    settings.TABLE = tuple(
        replace(row, read=_whole) if row.field in CUT else row for row in settings.TABLE
    )


VariantAssembly = Assembly
