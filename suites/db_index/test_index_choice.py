"""Which database index the queue uses ("Configuration reference")."""

from __future__ import annotations

from queueproof.case import Probe, requirement
from queueproof.case_helpers.redis_location import expect_keys, keys_appear
from queueproof.running.launch import Launch
from queueproof.targets.langflow.settings import DEFAULTED

PROBE = Probe(ticks=20, interval_s=0.1)


@requirement("DBIX-004")
async def test_the_queues_index_is_1_by_default(launch: Launch) -> None:
    """With host and port alone the job's keys are at index 1."""
    lane = await launch.shared(DEFAULTED, owed="the queue is at index 1 with host and port alone")

    job = await lane.system.submit(PROBE)

    found = await keys_appear(job, {"the server": lane.redis})
    expect_keys(job, found, server="the server", index=1)


@requirement("DBIX-005")
async def test_the_queues_index_can_be_set(launch: Launch) -> None:
    """With LANGFLOW_REDIS_QUEUE_DB=12 the job's keys are at index 12, and not at 1 or 2."""
    lane = await launch.lane(
        {
            "LANGFLOW_REDIS_QUEUE_URL": None,
            "LANGFLOW_REDIS_QUEUE_HOST": "127.0.0.1",
            "LANGFLOW_REDIS_QUEUE_PORT": "{redis_port}",
            "LANGFLOW_REDIS_QUEUE_DB": "12",
        },
        workers=1,
        owed="the queue is at index 12 with LANGFLOW_REDIS_QUEUE_DB=12",
    )

    job = await lane.system.submit(PROBE)

    found = await keys_appear(job, {"the server": lane.redis})
    expect_keys(job, found, server="the server", index=12)
