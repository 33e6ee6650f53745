"""Graceful stop: a worker, a job's owner or a whole replica is asked to end."""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.ended_replica import EndedReplica, ends_as_a_whole
from queueproof.faults.shared.process_fault import ProcessFault
from queueproof.faults.shared.signalled_process import stopped
from queueproof.stack.chaos import ChaosStack


@fault("graceful_stop")
def graceful_stop(
    stack: ChaosStack, *, process: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGTERM to the process; a whole `replica` is started again when healed."""
    if ends_as_a_whole(stack, process, replicas, graceful=True):
        return EndedReplica(stack.chosen(replicas or [0])[0], graceful=True)
    return ProcessFault("asked to stop", stack, process, replicas, stopped)
