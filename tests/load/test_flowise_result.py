"""A prediction's answer is right only if it is the whole result of the job that was asked for."""

from __future__ import annotations

import json

import pytest

from load.flowise import _is_result


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ({"text": "tick-2", "chatId": "j1"}, True),
        ({"text": "tick-2....", "chatId": "j1"}, True),
        ({"text": "tick-1", "chatId": "j1"}, False),
        ({"text": "tick-2", "chatId": "j2"}, False),
        ({"text": "", "chatId": "j1"}, False),
        (["tick-2"], False),
    ],
)
def test_a_result_is_of_its_own_job_and_from_its_last_step(body: object, right: bool) -> None:
    """Somebody else's result with status 200 is a failed request."""
    assert _is_result(json.dumps(body).encode(), "j1", 2) is right


def test_what_is_no_json_is_no_result() -> None:
    """Whatever its status."""
    assert not _is_result(b"<html>", "j1", 2)
