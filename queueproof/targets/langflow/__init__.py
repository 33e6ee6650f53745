"""The langflow contract: its HTTP interface, its probe component, its settings."""

from __future__ import annotations

from queueproof.targets.contract import Contract, by_credentials
from queueproof.targets.langflow.adapter import LangflowAdapter
from queueproof.targets.langflow.embedded_langflow import DOCUMENTED, embedded_langflow
from queueproof.targets.langflow.settings import timings_under
from queueproof.targets.langflow.wire import HEALTH
from queueproof.targets.workload_traits import LoadTraits, ReplayTraits, WorkloadTraits

__all__ = ["CONTRACT", "LangflowAdapter"]

CONTRACT = Contract(
    adapter=by_credentials(LangflowAdapter),
    ready_path=HEALTH,
    workers_setting="LANGFLOW_WORKERS",
    redis_index=1,
    through_redis=True,
    timings_under=timings_under,
    # Keys must outlive the outages of most scenarios; those that shall not say so in `settings`.
    workload=WorkloadTraits(settings={"LANGFLOW_REDIS_QUEUE_TTL": "30"}, sweeps=True),
    load=LoadTraits(
        client="load.langflow:LangflowLoadClient",
        does=frozenset({"stream", "poll", "cancel", "abandon", "submit"}),
        keys_expire=True,
    ),
    replay=ReplayTraits(
        player="queueproof.reproducing.langflow_player",
        wire="queueproof.targets.langflow.wire",
        operations=("submit", "poll", "stream", "cancel"),
        url="http://127.0.0.1:7860",
        login="LANGFLOW_USERNAME=… LANGFLOW_PASSWORD=…     # or LANGFLOW_API_KEY",
        how="It finds the workers by the process that runs a job, plays the recorded steps with "
        "their turns of workers",
        with_curl=True,
    ),
    reference=embedded_langflow,
    # On SQLite a cancel that meets the write of a build's status stops all builds: its releases up
    # to 1.13.0, docs/langflow-cancelled-starts.md.
    cancel_settles_s=0.3,
    documented=DOCUMENTED,
)
