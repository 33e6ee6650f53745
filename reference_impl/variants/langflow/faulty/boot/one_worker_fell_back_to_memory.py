"""One of the workers keeps its jobs in memory while the others share Redis.

A fallback that was meant well: the worker whose first connection to Redis failed goes on without
it, in a deployment that was started correctly. A third of all builds cannot be found, and which
third depends on the load balancer.
"""

from __future__ import annotations

import os
from dataclasses import replace

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.settings import Settings

FAILS = frozenset({"BOOT-001", "MONI-001"})
# Every other case would depend on the workers it happens to meet.
PLAYS = ("BOOT-001", "MONI-001")


class VariantAssembly(Assembly):
    """The first worker to come finds Redis away."""

    def __init__(self, settings: Settings) -> None:
        if settings.on_redis and comes_first(settings):
            settings = replace(settings, queue_type="asyncio")
        super().__init__(settings)


def comes_first(settings: Settings) -> bool:
    """Whether no other worker of this deployment came before."""
    mark = settings.config_path / f"first-worker-of-{os.getppid()}"
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
