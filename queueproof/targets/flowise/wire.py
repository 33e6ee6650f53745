"""Where Flowise's prediction endpoints are: no I/O."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

EVENT_STREAM = "text/event-stream"


def prediction_path(flow_id: str) -> str:
    """`POST` runs a flow; its answer is the result, or the job's events."""
    return f"/api/v1/prediction/{flow_id}"


def prediction_body(question: str, chat_id: str, *, streaming: bool) -> dict[str, Any]:
    """What a prediction is asked with; the chat's id is the job's."""
    return {"question": question, "chatId": chat_id, "streaming": streaming}


def abort_path(flow_id: str, chat_id: str) -> str:
    """`PUT` aborts a running prediction."""
    return f"/api/v1/chatmessage/abort/{flow_id}/{quote(chat_id, safe='')}"
