"""A dropped stream cancels the build if it was read on the build's own worker, else not.

Written when a build could only be read where it ran, and never tried behind a load balancer:
the worker that serves the stream finds no task of that ID among its own, and leaves it at that.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-011"})
PLAYS = ("CANC-002", "CANC-003", "CANC-010")


class Homely(Canceller):
    """Minds its own builds."""

    def client_left(self, record: Record) -> None:
        """Cancel the build if it is one of this worker's."""
        if self.desk.owned(record.job_id) is not None:
            super().client_left(record)


class VariantAssembly(Assembly):
    """Ignores streams that are dropped elsewhere."""

    canceller_class = Homely
