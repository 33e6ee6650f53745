"""A value that cannot be meant stops the start ("Configuration reference")."""

from __future__ import annotations

import pytest

from queueproof.case import requirement
from queueproof.case_helpers.boot_expectations import expect_start
from queueproof.running.launch import Launch

QUEUE = "LANGFLOW_REDIS_QUEUE_"


@requirement("SETT-001")
async def test_a_cancel_markers_life_of_zero_stops_the_start(launch: Launch) -> None:
    """A marker that would expire at once is refused."""
    boot = await launch.attempt({f"{QUEUE}CANCEL_MARKER_TTL": "0"})

    expect_start(boot, usual=[await launch.usual()]).to_be_stopped(
        expected=f"{QUEUE}CANCEL_MARKER_TTL=0 stops the start", naming="cancel_marker_ttl"
    )


@requirement("SETT-001")
async def test_a_cancel_markers_life_below_zero_stops_the_start(launch: Launch) -> None:
    """A negative life is refused."""
    boot = await launch.attempt({f"{QUEUE}CANCEL_MARKER_TTL": "-60"})

    expect_start(boot, usual=[await launch.usual()]).to_be_stopped(
        expected=f"{QUEUE}CANCEL_MARKER_TTL=-60 stops the start", naming="cancel_marker_ttl"
    )


@requirement("SETT-002")
async def test_a_queue_type_that_does_not_exist_stops_the_start(launch: Launch) -> None:
    """A misspelt queue type is refused, not replaced by the default."""
    boot = await launch.attempt({"LANGFLOW_JOB_QUEUE_TYPE": "rediss", "LANGFLOW_WORKERS": "1"})

    expect_start(boot, usual=[await launch.usual()]).to_be_stopped(
        expected="LANGFLOW_JOB_QUEUE_TYPE=rediss stops the start", naming="job_queue_type"
    )


@requirement("SETT-012")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TTL", "an hour"),
        ("STARTUP_GRACE_S", "30s"),
        ("POLLING_STALE_THRESHOLD_S", "1,5"),
        ("DB", "one"),
    ],
)
async def test_a_number_that_is_none_stops_the_start(launch: Launch, name: str, value: str) -> None:
    """Text where a number belongs is refused with the setting's name."""
    boot = await launch.attempt({f"{QUEUE}{name}": value})

    expect_start(boot, usual=[await launch.usual()]).to_name_what_stopped_it(
        expected=f"{QUEUE}{name}={value!r} stops the start with a line that names it",
        naming=f"redis_queue_{name}",
    )
