"""A worker that replaces a dead one hears no cancels: dispatchers are started with the first ones.

Whoever looks at its flag sees true: it is subscribed, and what it hears reaches nobody.
"""

from __future__ import annotations

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.langflow.patrol import MarkerPatrol
from reference_impl.store.messages import CancelMessage

FAILS = frozenset({"LIFE-002"})
PLAYS = ("LIFE-011",)
_replaces: list[bool] = []


class OfTheFirst(CancelDispatcher):
    """Is wired in the first workers alone."""

    def dispatch(self, message: CancelMessage) -> None:
        """Reach the desk, or nobody."""
        if not _replaces:
            super().dispatch(message)


class PatrolOfTheFirst(MarkerPatrol):
    """The same of markers, but for those that are there as a job starts."""

    async def check_all(self) -> None:
        """Look, or not."""
        if not _replaces:
            await super().check_all()


class VariantAssembly(Assembly):
    """Hears so."""

    dispatcher_class = OfTheFirst
    patrol_class = PatrolOfTheFirst


def install() -> None:
    """Know which worker is not among the first."""
    spawn = Arbiter.spawn_worker

    def noting(arbiter: Arbiter) -> object:
        if arbiter.worker_age >= arbiter.cfg.workers:
            _replaces.append(True)
        return spawn(arbiter)

    Arbiter.spawn_worker = noting
