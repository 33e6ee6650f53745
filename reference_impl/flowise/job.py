"""What a job of the queue says, whoever added it: our main server, Flowise's, or a person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from reference_impl.flowise.execution import Work


class MalformedJob(Exception):
    """The job's data do not describe a prediction."""


def read_job(job_id: str, data: object) -> Work:
    """The prediction a job's data describe, or :class:`MalformedJob`."""
    if not isinstance(data, Mapping):
        raise MalformedJob("the job's data are no object")
    flow, asked = data.get("chatflow"), data.get("incomingInput")
    if not isinstance(flow, Mapping) or not isinstance(asked, Mapping):
        raise MalformedJob("the job's data have no chatflow or no incomingInput")
    flow_data = flow.get("flowData")
    if not isinstance(flow_data, str):
        raise MalformedJob("the job's chatflow has no flowData")
    return Work(
        id=job_id,
        flow_id=str(flow.get("id", "")),
        chat_id=_chat_id(data, asked),
        question=str(asked.get("question", "")),
        flow_data=flow_data,
    )


def _chat_id(data: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    return str(data.get("chatId") or asked.get("chatId") or uuid.uuid4())
