"""Cut after so many bytes. On reads with none, it is the lost acknowledgement: the command was
executed, and the connection ends before the answer arrives.
"""

from __future__ import annotations

from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.reset_peer import torn
from queueproof.faults.shared.toxics import ToxicFault, named, toxics
from queueproof.stack.chaos import ChaosStack

_SLACK_S = 1.0


@fault("limit_data")
def limit_data(
    stack: ChaosStack,
    *,
    bytes: int = 0,  # noqa: A002  (the parameter's name in the scenario's data)
    direction: str = "reads",
    replicas: Sequence[int] | None = None,
) -> Fault:
    """End each connection once `bytes` have passed in that direction."""
    proxies = stack.proxies(replicas)
    chosen = toxics("limit_data", direction, bytes=bytes)
    name = named(f"cut after {bytes} bytes", direction, proxies)
    return ToxicFault(name, proxies, chosen, torn, look_s=_SLACK_S, size=bytes)
