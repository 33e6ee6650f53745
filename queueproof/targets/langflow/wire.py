"""Langflow's HTTP interface: paths, verbs, and the shapes of its answers and events.

Plain Python without I/O and without imports of ours: the adapter, the load client and every
stand-alone script read it here, and a script carries this text.

================================= =========================================================
``POST`` `submit_path(flow)`      starts a build; the answer names its job (`job_id_in`)
``GET`` `events_path(job)`        reads it, with `POLLING` or with `STREAMING`: an event a line
``POST`` `cancel_path(job)`       cancels it; the body claims success, or not
``GET`` `MONITOR`                 the counters of the worker that answers
``POST`` `LOGIN`, ``GET`` `AUTO_LOGIN`  give a token
================================= =========================================================
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

LOGIN = "/api/v1/login"
AUTO_LOGIN = "/api/v1/auto_login"
WHO_AM_I = "/api/v1/users/whoami"
USERS = "/api/v1/users/"
FLOWS = "/api/v1/flows/"
COMPONENT = "/api/v1/custom_component"
MONITOR = "/api/v1/monitor/job_queue"
VERSION = "/api/v1/version"
HEALTH = "/health"

POLLING = {"event_delivery": "polling"}
STREAMING = {"event_delivery": "streaming"}
CURSOR_HEADER = "x-events-cursor"

#: An event is `{"event": name, "data": …}`; these say how the job ended.
END, ERROR, CANCELLED = "end", "error", "cancelled"
#: A probe's tick is an event of this name whose data are named so.
LOG = "log"
TICK = re.compile(r"^tick-([0-9]{1,9})$")


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
