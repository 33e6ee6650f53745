"""A worker that had no build for twenty seconds accepts the next one and never begins it.

What hands it its work was closed in between, by whoever closes what is idle, and nobody looked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"LIFE-012"})
PLAYS = ("LIFE-001..012",)
AWAKE_S = 20.0


class SleepyDesk(BuildDesk):
    """Begins jobs as long as they come."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._last_s = time.monotonic()

    def begin(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Start the component, unless the last one is long ago."""
        if time.monotonic() - self._last_s < AWAKE_S:
            self._last_s = time.monotonic()
            super().begin(job, graph)


class VariantAssembly(Assembly):
    """Starts builds by it."""

    desk_class = SleepyDesk
