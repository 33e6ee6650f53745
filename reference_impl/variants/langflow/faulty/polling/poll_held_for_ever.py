"""A poll with nothing to report is held until there is something: a blocking read without timeout.

Proxies and clients in front give up first, and the next poll queues behind the dead one.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import Poller

FAILS = frozenset({"POLL-006"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class PatientPoller(Poller):
    """Holds a poll for an hour."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "hold_s": 3600.0})


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = PatientPoller
