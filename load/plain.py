"""Locust as it comes, posting one body to one path: what our own locustfile is compared with."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from locust import FastHttpUser, events, task

_PATH = Path(os.environ["QUEUEPROOF_LOAD_RUN_SPEC"])
_SPEC = json.loads(_PATH.read_text("utf-8"))
_TEMPLATE = _SPEC["templates"][0]
_BODY = json.dumps(_TEMPLATE["body"])
_HEADERS = {"Content-Type": "application/json", **_TEMPLATE["headers"]}


def _begin(**_: Any) -> None:
    """From here on processor time is spent on requests, and no more on starting up."""
    _begun.append(time.process_time())


def _end(**_: Any) -> None:
    """Leave beside the spec how much that was."""
    used_s = time.process_time() - _begun[0]
    _PATH.with_name("cpu_s").write_text(str(used_s), "utf-8")


_begun: list[float] = []
events.test_start.add_listener(_begin)  # type: ignore[no-untyped-call]  # as locust has it
events.test_stop.add_listener(_end)  # type: ignore[no-untyped-call]  # as locust has it


class Poster(FastHttpUser):
    """One client that posts, and posts again when it has been answered."""

    host = _SPEC["urls"][0]

    @task
    def post(self) -> None:
        """One request."""
        self.client.post(_TEMPLATE["path"], data=_BODY, headers=_HEADERS)
