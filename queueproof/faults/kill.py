"""Kill: a worker, a job's owner or a whole replica ends at once."""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.ended_replica import EndedReplica, EndedTogether, ends_as_a_whole
from queueproof.faults.shared.process_fault import ProcessFault
from queueproof.faults.shared.signalled_process import EndedProcess
from queueproof.stack.chaos import ChaosStack


@fault("kill")
def kill(
    stack: ChaosStack, *, process: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGKILL to the process; whole replicas are killed together and started again when healed."""
    if ends_as_a_whole(stack, process, replicas, graceful=False):
        ended = stack.chosen(replicas or [0])
        if len(ended) > 1:
            return EndedTogether(f"{len(ended)} killed", ended, graceful=False)
        return EndedReplica(ended[0], graceful=False)
    return ProcessFault("killed", stack, process, replicas, EndedProcess)
