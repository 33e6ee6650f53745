"""The self-check tells a mapping's mistakes, by entry and answer, from the target's faults."""

from __future__ import annotations

import asyncio
import time

import pytest

from queueproof.config.load import load_target
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.history import History
from queueproof.targets.opening import make_adapter
from queueproof.targets.vantage import Vantage
from queueproof.targets.witness import Witness

from .conftest import MAPPING, USERS, Sample

MISTAKES = [
    (
        'job_id = "id"',
        'job_id = "job.id"',
        r'submit\] job_id = "job.id" found nothing .* 202',
    ),
    ('POST /jobs"', 'POST /job"', r'submit\] request = "POST /job" is answered .* 404'),
    ('POST /jobs"', 'PUT /jobs"', r'submit\] request = "PUT /jobs" is refused .* method'),
    ('task = "probe"', 'task = "prob"', r"submit\] request .* is refused .* no task 'prob'"),
    ('events = "events"', 'events = "items"', r'poll\] events = "items" found nothing'),
    ('position = "next"', 'position = "cursor"', r'poll\] position = "cursor" found nothing'),
    ("{job}/events", "{job}/event", r"poll\] request .* as a path that nobody serves"),
    ("{job}/stream", "{job}/follow", r"stream\] request .* as a path that nobody serves"),
    ('format = "lines"', 'format = "sse"', r'stream\] format = "sse" found no event'),
    ('kind = "type"', 'kind = "name"', r'event\] kind = "name" found nothing in the events'),
    ('number = "step"', 'number = "count"', r'event\] number = "count" found no number'),
    ('tick = ["step"]', 'tick = ["tick"]', r'event\] tick = "tick" matched none .* step, finished'),
    (
        '["step"]\ncompleted = ["finished"]',
        '["step"]\ncompleted = ["done"]',
        r'completed = "done" mat',
    ),
    ('\nfailed = ["failed"]', '\nfailed = ["broken"]', r"failed = .*broken.* matched none"),
    ('"GET /jobs/{job}"\nstate = "state"', '"GET /jobs/{job}"\nstate = "s"', r"status\] state = "),
    ('ning"]\ncompleted = ["finished"]', 'ning"]\ncompleted = ["done"]', r'no word "finished"'),
    ("{job}/cancel", "{job}/stop", r"cancel\] request .* as a path that nobody serves"),
    ('success = "cancelled"', 'success = "ok"', r'cancel\] success = "ok" found nothing'),
]


def check(sample: Sample, mapping: str, **environment: str) -> float:
    """Open the sample by a mapping; how long the self-check took, in seconds."""
    file = sample.folder / "checked.toml"
    file.write_text(mapping, "utf-8")
    config = load_target(file, environment or USERS)

    async def prepare() -> None:
        history = History()
        witness = Witness(history)
        await witness.start()
        vantage = Vantage(config.urls[0])
        try:
            await make_adapter(config, history, witness).prepare(vantage, answer_s=5.0)
        finally:
            await vantage.close()
            await witness.stop()

    began_s = time.monotonic()
    asyncio.run(prepare())
    return time.monotonic() - began_s


def test_the_documented_mapping_is_right_and_checked_in_little_time(healthy: Sample) -> None:
    assert check(healthy, healthy.mapping) < 8.0


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES)
def test_a_mistake_is_named_with_its_entry_and_the_answer(
    healthy: Sample, right: str, wrong: str, said: str
) -> None:
    assert right in healthy.mapping

    with pytest.raises(UsageError, match=said):
        check(healthy, healthy.mapping.replace(right, wrong))


@pytest.mark.parametrize("first", [-1, 1, 3, 100])
def test_a_first_number_that_is_not_the_apis_is_told(healthy: Sample, first: int) -> None:
    """Too low looks like a lost first event, too high like one nobody asked for."""
    off = healthy.mapping.replace('number = "step"', f'number = "step"\nfirst = {first}')

    with pytest.raises(UsageError, match=rf"first = {first}, but .* say first = 0"):
        check(healthy, off)


def test_credentials_that_are_not_accepted_are_told(healthy: Sample) -> None:
    with pytest.raises(UsageError, match=r"check .mapping.credentials."):
        check(healthy, healthy.mapping, QUEUEPROOF_TOKEN="nobody-s")


def test_credentials_that_are_missing_are_told(healthy: Sample) -> None:
    with pytest.raises(UsageError, match="export QUEUEPROOF_TOKEN"):
        check(healthy, healthy.mapping, QUEUEPROOF_USERNAME="ann")


def test_a_gate_with_a_mistake_is_a_usage_error(healthy: Sample) -> None:
    """Exit code 2, one line, nothing judged."""
    run = healthy.gate(mapping=healthy.mapping.replace('job_id = "id"', 'job_id = "uuid"'))

    assert run.exit_code == 2
    assert (
        '[mapping.submit] job_id = "uuid" found nothing in the answer to POST /jobs' in run.output
    )


def test_a_target_that_is_not_there_is_no_mistake_of_the_mapping(healthy: Sample) -> None:
    absent = MAPPING.read_text("utf-8").replace("127.0.0.1:8001", "127.0.0.1:1")

    with pytest.raises(TargetUnreachable):
        check(healthy, absent)
