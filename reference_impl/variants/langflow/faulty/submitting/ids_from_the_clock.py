"""Jobs are named after the second they were submitted in, and collide.

Airflow's run IDs had the resolution of a second, and a second trigger within it failed with "run
id already exists" (apache/airflow #11377). Here, too, the loser of the race is refused.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk

FAILS = frozenset({"SUBM-001", "SUBM-002"})
PLAYS = ("SUBM-001..004",)


class ByTheSecond(BuildDesk):
    """Has a clock and no dice."""

    def new_id(self) -> str:
        """A readable ID."""
        return time.strftime("run-%Y%m%d-%H%M%S")


class VariantAssembly(Assembly):
    """IDs that come twice."""

    desk_class = ByTheSecond
