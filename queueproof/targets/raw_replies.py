"""Answers whole, body and events included, for cases that judge what an answer tells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from queueproof.history import Event
from queueproof.targets.protocol import Reply


@dataclass(frozen=True, kw_only=True)
class Streamed(Reply):
    """The answer to a request for a stream, and the events that came.

    `answered_s` is when it began, by the history's clock, where that was noted.
    """

    events: tuple[Event, ...] = ()
    answered_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RawReply(Reply):
    """An answer with its body; `body` as text."""

    body: str = ""

    @property
    def json(self) -> dict[str, Any]:
        """The body's JSON object; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
