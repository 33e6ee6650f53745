"""Freeze: a worker, a job's owner or a whole replica stands still until healed."""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.ended_replica import IN_A_REPLICA
from queueproof.faults.shared.frozen_replica import FrozenReplica
from queueproof.faults.shared.process_fault import ProcessFault
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.stack.chaos import ChaosStack


@fault("freeze")
def freeze(
    stack: ChaosStack, *, process: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGSTOP to the process (all processes of a `replica`), SIGCONT when healed."""
    if process in IN_A_REPLICA:
        replica = stack.chosen(replicas or [0])[0]
        if replica.keeper.freezes_by_command and not replica.keeper.knows_process:
            return FrozenReplica(replica, journal=stack.journal)
    return ProcessFault(
        "frozen",
        stack,
        process,
        replicas,
        lambda one, what: FrozenProcess(one, what, journal=stack.journal),
    )
