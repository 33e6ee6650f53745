"""Every JSON answer has more fields than the mapping knows of."""

from __future__ import annotations

from reference_impl.common.proxies import NewerAnswers
from reference_impl.generic.behind import stand_behind

PLAYS = ("submitting", "status", "CANC-002", "POLL-001..003", "PROM-001", "PROM-030")


def install() -> None:
    """Behind it."""
    stand_behind(NewerAnswers)
