"""Reads what Redis answers, and writes what scripts take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference_impl.core.events import Event
from reference_impl.core.states import JobState
from reference_impl.store.base import Activity, Entry, Record, View


def ms(seconds: float) -> int:
    """Whole milliseconds."""
    return round(seconds * 1000)


def seconds(redis_time: Sequence[Any]) -> float:
    """What TIME answers, as unix seconds."""
    return int(redis_time[0]) + int(redis_time[1]) / 1_000_000


def flat(events: Sequence[Event]) -> list[str]:
    """Names and bodies, alternating, as scripts take them."""
    return [part for event in events for part in (event.name, event.body)]


def activity(value: object) -> Activity:
    """A heartbeat, or the error in its place."""
    if isinstance(value, Exception):
        return Activity(None, error=True)
    return Activity(None if value is None else str(value))


def record(job_id: str, fields: Sequence[Any]) -> Record:
    """A record from its fields: user, worker, state, seq, reason."""
    user, worker, state, written, reason = fields[:5]
    return Record(job_id, user, worker, JobState(state), int(written), reason)


def entries(rows: Sequence[Any]) -> tuple[Entry, ...]:
    """Stream entries; ``n-0`` is at position n."""
    return tuple(
        Entry(int(row_id.partition("-")[0]), Event(fields["name"], fields["body"]))
        for row_id, fields in rows
    )


def raw_entries(rows: Sequence[Any]) -> tuple[Entry, ...]:
    """Stream entries as Redis sends them: fields and values alternate."""
    return entries(
        [(row_id, dict(zip(flat[::2], flat[1::2], strict=True))) for row_id, flat in rows]
    )


def view(job_id: str, reply: Sequence[Any] | None) -> View | None:
    """What read.lua and take.lua answer."""
    if reply is None:
        return None
    fields, after, kept, starved_ms, ownerless, rows = reply
    return View(
        record=record(job_id, fields),
        after=int(after),
        entries=raw_entries(rows),
        kept=bool(kept),
        starved_s=int(starved_ms) / 1000,
        ownerless=bool(ownerless),
    )
