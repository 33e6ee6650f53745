"""The flowise contract: its HTTP interface, its probe flow, its event stream."""

from __future__ import annotations

from queueproof.targets.contract import Contract, by_credentials
from queueproof.targets.flowise.adapter import FlowiseAdapter
from queueproof.targets.flowise.embedded_flowise import embedded_flowise
from queueproof.targets.flowise.wire import PING
from queueproof.targets.workload_traits import LoadTraits, ReplayTraits, WorkloadTraits

__all__ = ["CONTRACT", "FlowiseAdapter"]

CONTRACT = Contract(
    adapter=by_credentials(FlowiseAdapter),
    ready_path=PING,
    workers_apart=True,
    workload=WorkloadTraits(
        ways=("wait", "stream"),
        cancelled_ways=("stream", "stream"),
        tick_s=0.5,
        rereads=False,
        end_closes=True,
        health_path=PING,
        health_notice_s=5.0,
    ),
    load=LoadTraits(
        client="load.flowise:FlowiseLoadClient",
        does=frozenset({"stream", "predict", "cancel"}),
    ),
    replay=ReplayTraits(
        player="queueproof.reproducing.flowise_player",
        wire="queueproof.targets.flowise.wire",
        operations=("submit", "predict", "stream", "cancel"),
        url="http://127.0.0.1:3000",
        login="FLOWISE_EMAIL=… FLOWISE_PASSWORD=…     # or an API key: FLOWISE_TOKEN",
        how="It makes the flows, plays the recorded steps, asks for what must be done by hand",
    ),
    reference=embedded_flowise,
)
