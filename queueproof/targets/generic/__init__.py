"""Any other queue: an HTTP job API described by a mapping (docs/generic.md)."""

from __future__ import annotations

from collections.abc import Callable

from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.targets.contract import Contract
from queueproof.targets.generic.adapter import GenericAdapter
from queueproof.targets.generic.embedded_generic import embedded_generic
from queueproof.targets.protocol import Adapter
from queueproof.targets.workload_traits import LoadTraits, ReplayTraits, WorkloadTraits

__all__ = ["CONTRACT", "GenericAdapter"]


def _by_mapping(
    config: TargetConfig, *, witness: tuple[str, int] | None, now_s: Callable[[], float]
) -> Adapter:
    if config.mapping is None:
        raise UsageError(
            "the contract generic needs a target file with a [mapping] (--config): see "
            "docs/generic.md"
        )
    return GenericAdapter(config.mapping, config.credentials, witness=witness, now_s=now_s)


CONTRACT = Contract(
    adapter=_by_mapping,
    ready_path="/",
    needs_mapping=True,
    through_redis=True,
    # Its clients have a plan of their own in outages (queueproof.chaos.queue_plan).
    workload=WorkloadTraits(
        ways=("poll", "poll"),
        cancelled_ways=("poll", "poll"),
        health_notice_s=5.0,
        sweeps=True,
    ),
    load=LoadTraits(
        client="load.generic:GenericLoadClient",
        does=frozenset({"stream", "poll", "cancel", "submit"}),
        keys_expire=True,
    ),
    replay=ReplayTraits(
        player="queueproof.reproducing.generic_player",
        wire="queueproof.targets.generic.wire",
        besides=(
            "queueproof.reproducing.queue_symptoms",
            "queueproof.reproducing.heard_events",
            "queueproof.reproducing.tick_server",
        ),
        operations=("submit", "poll", "stream", "status", "result", "cancel", "work"),
        url="http://127.0.0.1:8001",
        login="TARGET_TOKEN=…     # or TARGET_USERNAME and TARGET_PASSWORD, as the mapping says",
        how="It submits, reads and cancels the recorded jobs by the mapping, hears from the jobs "
        "what they do (where they run elsewhere: `TARGET_WITNESS=host:port`, as they reach it)",
        by_mapping=True,
    ),
    reference=embedded_generic,
)
