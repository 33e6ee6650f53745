"""The log of what cases do with a system: each operation, with the worker that answered it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.history import ON_KEPT, History, Operation, Outcome
from queueproof.own_waits import told_of_waits
from queueproof.targets.answers import Kind
from queueproof.targets.asking import taken_as_it_comes
from queueproof.targets.fleet import Fleet
from queueproof.targets.job import Job
from queueproof.targets.pinning import ADVICE
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import ANY_WORKER, Worker


class OperationLog:
    """Writes operations into the history; `pairs` counts by operation, owner and asked worker.

    `lost_on_kept` has, by case, the last operation that was lost together with a kept connection,
    and when in monotonic time.
    """

    def __init__(self, history: History, fleet: Fleet) -> None:
        self.pairs: dict[tuple[str, str, str], int] = {}
        self.lost_on_kept: dict[str, tuple[float, str]] = {}
        self._history = history
        self._fleet = fleet

    @contextmanager
    def operation(
        self,
        kind: str,
        vantage: Vantage,
        job: Job | None = None,
        *,
        role: Role = Role.USER,
        via: Worker | None = None,
    ) -> Iterator[Operation]:
        """One operation through a connection; raises Inconclusive where another worker answered."""
        worker = self._fleet.worker_of(vantage)
        vantage.answered_by, vantage.reopened = None, False
        if job is not None and worker is not ANY_WORKER:
            pair = (kind, job.owner.label, worker.label)
            self.pairs[pair] = self.pairs.get(pair, 0) + 1
        with self._history.operation(
            kind,
            job=job.id if job else None,
            worker=worker.label if worker.key else None,
            asked={} if role is Role.USER else {"role": role.value},
        ) as operation:
            try:
                with told_of_waits(partial(_begin_later, operation)):
                    yield operation
            except TargetUnreachable:
                # Nobody listened, so it certainly did not happen.
                operation.outcome, operation.detail = Outcome.FAILED, "connection refused"
                self._fleet.addresses.refused(vantage.url)
                raise
            finally:
                if operation.detail.endswith(ON_KEPT):
                    told = time.monotonic(), f"{operation.kind}: {operation.detail}"
                    self.lost_on_kept[operation.case] = told
            self.expect_answer_of(worker, vantage, operation, via=via)

    def expect_answer_of(
        self, asked: Worker, vantage: Vantage, operation: Operation, *, via: Worker | None
    ) -> None:
        """Record who answered; raises Inconclusive where another worker than `asked` did.

        A case that chose no worker takes the answer for what it is, if it is known whose.
        """
        if vantage.answered_by == asked.key:
            return  # also where the worker was given up meanwhile, and has no letter any more
        giver = self._fleet.giver_of(vantage)
        if asked is ANY_WORKER:
            operation.worker = giver.label if giver.key else operation.worker
        elif giver.key and giver != asked:
            operation.worker = giver.label
            operation.detail = f"asked of worker {asked}, answered by worker {giver}"
            if via is not None:
                raise Inconclusive(
                    f"{operation.kind}: {operation.detail}; if a front balances requests, {ADVICE}"
                )
        elif vantage.reopened and not giver.key:
            operation.worker = None
            raise Inconclusive(
                f"{operation.kind}: the connection to worker {asked} was closed, the answer came "
                "on a new one: whose it is cannot be told"
            )


def conclude(operation: Operation, reply: Reply) -> None:
    """Record the answer; raises Inconclusive for one that was not the target's.

    What asks to come again, after it was asked again within the bound, says nothing of the target,
    whatever a case wanted. Where outages are judged it is what clients get (`as_it_comes`).
    """
    operation.outcome = reply.outcome
    operation.status = reply.status
    operation.detail = (reply.flaw or reply.detail) if reply.outcome is not Outcome.OK else ""
    if reply.asked_again:
        operation.facts["asked_again"] = reply.asked_again
    if reply.kind is Kind.COME_AGAIN and not taken_as_it_comes():
        raise Inconclusive(reply.come_again)


def _begin_later(operation: Operation, wait_s: float) -> None:
    """What the harness waits before it sends a request is no part of the operation."""
    operation.invoked_s += wait_s
