"""The way to a chaos stack: launched for the run, or a deployment's that is taken hold of."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from queueproof.config.model import TargetConfig
from queueproof.stack.chaos_declared import declared_stack
from queueproof.stack.chaos_launched import launched_stack
from queueproof.stack.chaos_stack import ChaosStack
from queueproof.stack.needs import StackNeeds
from queueproof.stack.servers import Servers

__all__ = ["ChaosStack", "open_chaos_stack"]


def open_chaos_stack(
    target: TargetConfig,
    *,
    embedded: bool,
    servers: Servers | None = None,
    replicas: int = 2,
    workers_each: int = 1,
    settings: Mapping[str, str] | None = None,
    needs: StackNeeds | None = None,
) -> AbstractAsyncContextManager[ChaosStack]:
    """A stack for the body's duration, with what `needs` says; all is healed at its end.

    With `embedded`, everything is launched as `target.launch` tells; else `target.chaos` says
    what there is. Raises UsageError when Toxiproxy cannot be had, or the target may not be
    disturbed.
    """
    needs = needs or StackNeeds()
    if not embedded:
        return declared_stack(target, needs)
    return launched_stack(
        target,
        needs,
        servers=servers or Servers(),
        replicas=replicas,
        workers_each=workers_each,
        settings=settings or {},
    )
