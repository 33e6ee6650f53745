"""The monitor's answer: its fields and their types
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body).
"""

from __future__ import annotations

from typing import Any

from queueproof.case import System, eventually, expect_that, require_answer, requirement
from queueproof.case_helpers.counter_delta import CANCEL_COUNTERS
from queueproof.json_numbers import as_whole
from queueproof.targets.protocol import MonitorReply

NUMBERS = ("active_jobs", "bridge_count", "consumer_wrapper_count", "background_task_count")


@requirement("MONI-001")
async def test_every_worker_names_the_backend_redis(target: System) -> None:
    """Each worker's monitor says that the queue's backend is redis."""
    named = {str(worker): body.get("backend", "nothing") for worker, body in await _bodies(target)}

    expect_that(
        set(named.values()) == {"redis"},
        expected='"backend": "redis" on every worker',
        actual=", ".join(f"{worker}: {name!r}" for worker, name in named.items()),
    )


@requirement("MONI-002")
async def test_the_seven_fields_are_there_each_of_its_type(target: System) -> None:
    """A name, four whole numbers, a truth value and the table of cancel counters."""
    wrong = [f"{worker}: {name}" for worker, body in await _bodies(target) for name in _odd(body)]

    expect_that(
        not wrong,
        expected="backend (text), four whole numbers not below 0, cancel_dispatcher_running "
        "(true or false), cancel_stats (object)",
        actual="; ".join(wrong),
    )


@requirement("MONI-003")
async def test_the_eleven_cancel_counters_are_whole_numbers(target: System) -> None:
    """cancel_stats has the eleven documented counters on every worker, none below 0."""
    wrong = [
        f"{worker}: {name} is {body['cancel_stats'].get(name, 'missing')!r}"
        for worker, body in await _bodies(target)
        for name in CANCEL_COUNTERS
        if not _is_count(body["cancel_stats"].get(name))
    ]

    expect_that(
        not wrong,
        expected="eleven whole numbers in cancel_stats, none below 0",
        actual="; ".join(wrong),
    )


@requirement("MONI-009")
async def test_the_dispatcher_runs_on_every_worker(target: System) -> None:
    """Undisturbed, each worker can hear cancel signals and says so; it may just be coming back."""

    async def look() -> dict[str, object]:
        return {
            str(worker): body.get("cancel_dispatcher_running")
            for worker, body in await _bodies(target)
        }

    within_s = target.timings.answer_s
    said, running = await eventually(
        look, lambda seen: all(value is True for value in seen.values()), within_s=within_s
    )

    expect_that(
        running,
        expected=f'"cancel_dispatcher_running": true on every worker within {within_s:.0f} s',
        actual=", ".join(f"{worker}: {value}" for worker, value in said.items()),
    )


async def _bodies(target: System) -> list[tuple[str, dict[str, Any]]]:
    """What each worker's monitor says; a table that is missing counts as empty."""
    replies = await target.monitors()
    return [(str(worker), _body(reply)) for worker, reply in replies.items()]


def _body(reply: MonitorReply) -> dict[str, Any]:
    require_answer(reply, 200, to="a monitor")
    stats = reply.body.get("cancel_stats")
    return {**reply.body, "cancel_stats": stats if isinstance(stats, dict) else {}}


def _odd(body: dict[str, Any]) -> list[str]:
    """The fields that are missing or of another type."""
    odd = [f"{name} is {body.get(name)!r}" for name in NUMBERS if not _is_count(body.get(name))]
    if not isinstance(body.get("backend"), str):
        odd.append(f"backend is {body.get('backend')!r}")
    if not isinstance(body.get("cancel_dispatcher_running"), bool):
        odd.append(f"cancel_dispatcher_running is {body.get('cancel_dispatcher_running')!r}")
    if not body["cancel_stats"]:
        odd.append("cancel_stats is empty or no object")
    return odd


def _is_count(value: object) -> bool:
    whole = as_whole(value)
    return whole is not None and whole >= 0
