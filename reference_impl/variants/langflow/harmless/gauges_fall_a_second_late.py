"""The monitor's gauges fall a second after a job is over: its bridge is let go of behind it."""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

PLAYS = ("MONI-004..008", "MONI-021", "CANC-007")
LATER_S = 1.0


class LateDesk(BuildDesk):
    """Lets go later."""

    def _over(self, job: Job) -> None:
        asyncio.get_running_loop().call_later(LATER_S, super()._over, job)


class VariantAssembly(Assembly):
    """Runs builds there."""

    desk_class = LateDesk
