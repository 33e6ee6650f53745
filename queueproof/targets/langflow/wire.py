"""Where Langflow's build endpoints are, and what their answers say: no I/O."""

from __future__ import annotations

import json
from urllib.parse import quote

CURSOR_HEADER = "x-events-cursor"


def submit_path(flow_id: str) -> str:
    """`POST` starts a build."""
    return f"/api/v1/build/{quote(flow_id, safe='')}/flow"


def events_path(job_id: str) -> str:
    """`GET` reads a build, by `event_delivery` in one of two ways."""
    return f"/api/v1/build/{quote(job_id, safe='')}/events"


def cancel_path(job_id: str) -> str:
    """`POST` cancels a build."""
    return f"/api/v1/build/{quote(job_id, safe='')}/cancel"


def job_id_in(body: bytes) -> str | None:
    """The job that a submit's answer names, if it names one."""
    found = _object(body).get("job_id")
    return str(found) if found else None


def cancel_succeeded(body: bytes) -> bool:
    """Whether a cancel's answer claims success."""
    return _object(body).get("success") is True


def _object(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
