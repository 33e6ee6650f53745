"""What any queue's answers and events tell of a job, as a mapping means it.

The text of this module stands in every stand-alone script for such a queue.
"""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from queueproof.reproducing.player_core import Seen
from queueproof.targets.generic.wire import MISSING, find, whole_number

ENDS = {"completed": ["end"], "failed": ["error", "end"], "cancelled": ["cancelled"]}


class Observed(Seen):
    """What one step observed, of any queue's events and words."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []
        self.key = self.result = ""
        self.claims_success = self.witnessed = False

    def hear(self, mapping: dict[str, Any], body: Any) -> None:
        """Take one event in."""
        words, paths = mapping["words"], mapping["paths"]
        kind = find(body, paths["event.kind"])
        if kind is MISSING:
            return
        if str(kind) in words["event.tick"]:
            number = tick_of(mapping, body)
            self.ticks += [] if number is None else [number]
        elif str(kind) in words.get("event.end", ()):
            state = find(body, paths["event.state"]) if "event.state" in paths else "completed"
            self.endings += ENDS[meaning_of(mapping, state) or "completed"]
        else:
            for meaning, endings in ENDS.items():
                if str(kind) in words.get(f"event.{meaning}", ()):
                    self.endings += endings
                    return


def tick_of(mapping: dict[str, Any], body: Any) -> int | None:
    """The number of a tick, the first being 0."""
    value = find(body, mapping["paths"]["event.number"])
    if mapping["pattern"] and isinstance(value, str):
        found = re.search(mapping["pattern"], value)
        value = found[1] if found else MISSING
    if isinstance(value, str):
        value = whole_number(value)
    plain = isinstance(value, int) and not isinstance(value, bool)
    return value - mapping["first"] if plain else None


def meaning_of(mapping: dict[str, Any], state: Any) -> str:
    """Which of completed, failed and cancelled a state means; empty for none of them."""
    words = mapping["words"]
    return next((name for name in ENDS if str(state) in words.get(f"state.{name}", ())), "")


def said(answer: httpx.Response) -> Any:
    """The body as JSON, None where it is none."""
    try:
        return answer.json()
    except ValueError:
        return None


async def bodies_in(answer: httpx.Response, how: str) -> Any:
    """The objects of a stream of JSON lines, or of server-sent events."""
    name, data = "message", list[str]()
    async for line in answer.aiter_lines():
        if how == "lines":
            if line.strip():
                yield decoded(line)
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif not line and data:
            body = decoded("\n".join(data))
            yield {**(body if isinstance(body, dict) else {"@data": body}), "@event": name}
            name, data = "message", []


def decoded(text: str) -> Any:
    """JSON, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
