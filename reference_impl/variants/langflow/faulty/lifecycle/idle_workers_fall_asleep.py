"""The first build after twenty idle seconds is accepted and never begun; it wakes the worker.

What hands a worker its work was closed in between, for being idle. That is noticed as the first
build is lost with it.
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
        last_s, self._last_s = self._last_s, time.monotonic()
        if self._last_s - last_s < AWAKE_S:
            super().begin(job, graph)


class VariantAssembly(Assembly):
    """Starts builds by it."""

    desk_class = SleepyDesk
