"""APIs whose answer to a submit is the stream of its job's events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from queueproof.config.load import load_target
from queueproof.errors import UsageError

from .conftest import Sample
from .test_self_check import check
from .test_state_api import HEADER, TOKENS, running_state_api

EVENTS = """
[mapping.event]
kind = "type"
number = "step"
tick = ["step"]
start = ["accepted"]
completed = ["done"]
failed = ["error"]
cancelled = ["cancelled"]
"""
STATUS = (
    '[mapping.status]\nrequest = "GET /location/{job}/status"\nstate = "state"\n'
    'result = "output.value"\n'
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The API, running; its mapping has the stream and a cancel, and no status."""
    with ExitStack() as stack:
        sample = running_state_api(stack, tmp_path_factory.mktemp("streamed"))
        mapping = sample.mapping.replace(HEADER, 'job_id = "job.id"\nformat = "lines"')
        assert STATUS in mapping
        mapping = mapping.replace(STATUS, "").replace('"POST /location"', '"POST /streamed"')
        yield Sample(sample.urls, mapping + EVENTS, sample.folder)


def test_the_self_check_accepts_it_with_lines_and_with_frames(api: Sample) -> None:
    framed = api.mapping.replace("/streamed", "/framed").replace('"lines"', '"sse"')

    check(api, api.mapping, **TOKENS)
    check(api, framed, **TOKENS)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('job_id = "job.id"', 'job_id = "job.name"', r'submit\] job_id = "job.name" found nothing'),
        ('format = "lines"', 'format = "sse"', r'submit\] format = "sse" found no event'),
        ('kind = "type"', 'kind = "name"', r'event\] kind = "name" found nothing in the events'),
        ('number = "step"', 'number = "count"', r'event\] number = "count" found no number'),
        ('\ncompleted = ["done"]\nfailed', '\ncompleted = ["ready"]\nfailed', r"ready.* matched"),
        ('"POST /streamed"', '"POST /nowhere"', r'request = "POST /nowhere"'),
    ],
)
def test_a_mistake_of_it_is_named(api: Sample, right: str, wrong: str, said: str) -> None:
    start = api.mapping.rindex("[mapping.event]") if "completed" in right else 0
    assert right in api.mapping[start:]
    altered = api.mapping[:start] + api.mapping[start:].replace(right, wrong)

    with pytest.raises(UsageError, match=said):
        check(api, altered, **TOKENS)


def test_events_must_be_described(api: Sample) -> None:
    file = api.folder / "without-events.toml"
    file.write_text(api.mapping.replace(EVENTS, ""), "utf-8")

    with pytest.raises(UsageError, match="event is missing: how is what a submit tells read"):
        load_target(file, TOKENS)


def test_its_one_reader_is_judged_and_what_needs_a_second_one_is_not(api: Sample) -> None:
    asked = ("SUBM-002", "SUBM-004", "STRM-002", "STRM-006", "STRM-009", "STRM-011", "CANC-002")
    words = [word for name in asked for word in ("--only", name)]

    run = api.gate(*words, mapping=api.mapping, **TOKENS)

    assert run.exit_code == 0, run.output
    rows: dict[str, Any] = {row["id"]: row for row in run.report["requirements"]}
    passed = {name for name in asked if rows[name]["verdict"] == "passed"}
    assert passed == set(asked) - {"STRM-009"}
    reasons = {case["reason"] for case in rows["STRM-009"]["cases"]}
    assert any("streamed once, to whoever has submitted it" in reason for reason in reasons)
