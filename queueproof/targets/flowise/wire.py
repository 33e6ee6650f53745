"""Flowise's HTTP interface: paths, verbs, and the shapes of its events.

Plain Python without I/O and without imports of ours: the adapter, the load client and every
stand-alone script read it here, and a script carries this text.

================================ ============================================================
``POST`` `prediction_path(flow)` runs a flow; the answer is the result, or the job's events
``PUT`` `abort_path(flow, chat)` aborts a running prediction; any 2xx claims success
``GET`` `messages_path(flow)`    what was written of a chat
``POST`` `LOGIN`, `REGISTER`     give cookies
================================ ============================================================
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

LOGIN = "/api/v1/auth/login"
REGISTER = "/api/v1/account/register"
FLOWS = "/api/v1/chatflows"
VERSION = "/api/v1/version"
PING = "/api/v1/ping"

#: Says that a request comes from the web client, whose logins these are.
INTERNAL = {"x-request-from": "internal"}
EVENT_STREAM = "text/event-stream"

#: An event is `{"event": name, "data": …}`. This one tells what a node does, by label and status,
NODE = "nextAgentFlow"
#: this one what the whole flow does, by one word,
WHOLE_FLOW = "agentFlowEvent"
FINISHED, FAILED, TERMINATED = "FINISHED", "ERROR", "TERMINATED"
#: and these names say how the job ended.
ERROR, END, ABORT = "error", "end", "abort"
#: A probe's tick is the end of a node that is labelled so, and with its number.
TICK_LABEL = "tick-"


def prediction_path(flow_id: str) -> str:
    """`POST` runs a flow; its answer is the result, or the job's events."""
    return f"/api/v1/prediction/{flow_id}"


def prediction_body(question: str, chat_id: str, *, streaming: bool) -> dict[str, Any]:
    """What a prediction is asked with; the chat's id is the job's."""
    return {"question": question, "chatId": chat_id, "streaming": streaming}


def abort_path(flow_id: str, chat_id: str) -> str:
    """`PUT` aborts a running prediction."""
    return f"/api/v1/chatmessage/abort/{flow_id}/{quote(chat_id, safe='')}"


def messages_path(flow_id: str) -> str:
    """`GET` tells what was written of a flow's chats."""
    return f"/api/v1/chatmessage/{flow_id}"
