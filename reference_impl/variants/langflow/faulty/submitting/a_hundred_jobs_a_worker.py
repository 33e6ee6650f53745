"""A worker knows its last hundred jobs; the oldest is let go of, whether it is over or not.

``OrderedDict.popitem(last=False)`` in what was written as a cache and became the registry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"SUBM-005"})
PLAYS = ("SUBM-004",)
KNOWN = 100


class ForgetfulDesk(BuildDesk):
    """Has a hundred places."""

    def begin(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Begin a job in the place of the oldest, if all are taken."""
        if len(self.jobs) > KNOWN:
            oldest = next(iter(self.jobs.values()))
            self._letting_go = asyncio.create_task(self.cancel(oldest, reason="evicted"))
        super().begin(job, graph)


class VariantAssembly(Assembly):
    """Runs its builds there."""

    desk_class = ForgetfulDesk
