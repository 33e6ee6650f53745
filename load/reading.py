"""What one reader received of a job, kept small however many events there were.

Ticks are kept as spans (`0..4999` is one), other events up to a few. That is all a checker needs,
and two hundred readers of a long job then weigh nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gevent.event import Event as Signal

from load.client import Reply
from queueproof.history import Event, EventKind

TERMINAL = (EventKind.END, EventKind.ERROR, EventKind.CANCELLED)
_KEPT = 24
_TEXT_LIMIT = 160
_MALFORMED = "not an event"


@dataclass
class Reading:
    """One reader's view; `heard` is set with the first event, `over` when it has ended."""

    kind: str
    began_s: float
    ended_s: float = 0.0
    first_s: float | None = None
    told: Event | None = None
    malformed: str = ""
    requests: int = 1
    ticks: int = 0
    reply: Reply = field(default_factory=Reply)
    heard: Signal = field(default_factory=Signal)
    _spans: list[list[int]] = field(default_factory=list)
    _kept: list[list[Any]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """One more event."""
        if self.first_s is None:
            self.first_s = event.at_s
            self.heard.set()
        if event.kind is EventKind.TICK and event.tick is not None:
            self._take_tick(event.tick)
        elif event.kind in TERMINAL:
            self.told = self.told or event
        elif event.text.startswith(_MALFORMED):
            self.malformed = self.malformed or event.text
        elif event.kind is EventKind.OTHER:
            return
        if len(self._kept) < _KEPT or event.kind in TERMINAL:
            self._kept.append(_brief(event))

    def row(self) -> dict[str, Any]:
        """What of it goes into the history."""
        return {
            "kind": self.kind,
            "invoked_s": round(self.began_s, 4),
            "ended_s": round(self.ended_s, 4),
            "outcome": self.reply.outcome,
            "status": self.reply.status,
            "detail": self.reply.wrong,
            "events": self._kept,
            "facts": {
                "requests": self.requests,
                "spans": self._spans,
                "told": self.told.kind.value if self.told else None,
            },
        }

    def _take_tick(self, tick: int) -> None:
        self.ticks += 1
        if self._spans and tick == self._spans[-1][1] + 1:
            self._spans[-1][1] = tick
        else:
            self._spans.append([tick, tick])


def _brief(event: Event) -> list[Any]:
    """An event as the history has it; what a tick says is its number."""
    text = "" if event.kind is EventKind.TICK else event.text[:_TEXT_LIMIT]
    return [event.kind.value, event.tick, round(event.at_s, 4), text]
