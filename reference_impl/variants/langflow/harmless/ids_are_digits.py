"""Jobs are numbered: an id is a text of digits, made of the time and a worker's number."""

from __future__ import annotations

import itertools
import os
import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk

PLAYS = (
    "SUBM-001..004",
    "CANC-001..008",
    "TTL-001",
    "DBIX-001",
    "POLL-001..003",
    "POLL-007",
    "STRM-010",
)

_numbers = itertools.count()


class Numbering(BuildDesk):
    """Numbers jobs."""

    def new_id(self) -> str:
        """An ID that no other worker gives to a job."""
        return f"{int(time.time() * 1000)}{os.getpid() % 100_000:05d}{next(_numbers) % 10_000:04d}"


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = Numbering
