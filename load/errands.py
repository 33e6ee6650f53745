"""What one arrival does, from its due instant to the end of its job.

Latencies count from the instant at which a request was due: a job's first request is due when the
schedule says so, whatever kept the generator; the others are due when the one before has been
answered and the errand's own pause is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gevent

from load.notebook import Notebook
from load.speech import Reply, Speaker
from queueproof.history import Event, EventKind
from queueproof.load.profile import Errand
from queueproof.load.ticket import Ticket

_TERMINAL = (EventKind.END, EventKind.ERROR, EventKind.CANCELLED)
_TEXT_LIMIT = 160

Told = Callable[[str, float, int, str], None]


@dataclass
class Reading:
    """What one reader received."""

    began_s: float
    kind: str
    events: list[Event] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)
    ended_s: float = 0.0
    requests: int = 1

    @property
    def told(self) -> Event | None:
        """The event that ended the job, if one came."""
        return next((event for event in self.events if event.kind in _TERMINAL), None)

    @property
    def malformed(self) -> str:
        """What came and is no event, if anything did."""
        texts = (event.text for event in self.events if event.kind is EventKind.OTHER)
        return next((text for text in texts if text.startswith("not an event")), "")


class Errands:
    """Plays errands for one process; `told` passes every request on to locust."""

    def __init__(self, ticket: Ticket, speaker: Speaker, book: Notebook, told: Told) -> None:
        self._ticket = ticket
        self._speaker = speaker
        self._book = book
        self._told = told
        self._ways = {"stream": self._stream, "poll": self._poll, "cancel": self._cancel}

    def play(self, which: int, due_s: float) -> None:
        """One arrival, to its end."""
        errand = self._ticket.errands[which]
        job = self._submit(which, errand, due_s)
        if job:
            self._ways[errand.does](which, errand, job, due_s)

    def _submit(self, which: int, errand: Errand, due_s: float) -> str:
        reply = self._speaker.submit(which)
        self._note("submit", due_s, reply)
        self._row("submit", reply.job, due_s, reply, errand=errand.does, ticks=errand.ticks)
        return reply.job

    def _stream(self, which: int, errand: Errand, job: str, due_s: float) -> None:
        readers = [
            gevent.spawn(self._read, which, errand, job, due_s) for _ in range(errand.readers - 1)
        ]
        readings = [self._read(which, errand, job, due_s)]
        gevent.joinall(readers, raise_error=True)
        readings += [reader.get() for reader in readers]
        self._finish(errand, job, readings, due_s)

    def _read(self, which: int, errand: Errand, job: str, due_s: float) -> Reading:
        reading = Reading(self._book.now_s(), "stream")
        for came in self._speaker.read(which, job, self._end_s(errand)):
            if isinstance(came, Reply):
                reading.reply = came
                break
            if not reading.events:
                self._book.measure("first_event", came.at_s - due_s)
            reading.events.append(came)
        reading.ended_s = self._book.now_s()
        return reading

    def _poll(self, which: int, errand: Errand, job: str, due_s: float) -> None:  # noqa: ARG002
        reading = Reading(self._book.now_s(), "poll", requests=0)
        late_s = reading.began_s + self._end_s(errand)
        poll_due_s = reading.began_s
        while reading.told is None and self._book.now_s() < late_s:
            gevent.sleep(max(0.0, poll_due_s - self._book.now_s()))
            reply = self._speaker.poll(job)
            self._note("poll", poll_due_s, reply)
            reading.requests += 1
            reading.reply = reply
            if reply.events and not reading.events:
                self._book.measure("first_event", reply.events[0].at_s - due_s)
            reading.events += reply.events
            if reply.wrong:
                break
            poll_due_s = self._book.now_s() + errand.every_s
        reading.ended_s = self._book.now_s()
        self._finish(errand, job, [reading], due_s)

    def _cancel(self, which: int, errand: Errand, job: str, due_s: float) -> None:
        reader = gevent.spawn(self._read, which, errand, job, due_s)
        gevent.sleep(errand.after_s)
        asked_s = self._book.now_s()
        reply = self._speaker.cancel(which, job)
        self._note("cancel", asked_s, reply)
        self._row("cancel", job, asked_s, reply)
        reading = reader.get()
        if not reply.wrong:
            self._book.measure("cancel_to_stopped", reading.ended_s - asked_s)
        self._finish(errand, job, [reading], due_s)

    def _finish(self, errand: Errand, job: str, readings: list[Reading], due_s: float) -> None:
        """The job is over, as far as its readers know: one sample, and their rows."""
        wrong = next(filter(None, (self._wrong(errand, reading) for reading in readings)), "")
        ended_s = max(reading.ended_s for reading in readings)
        self._book.sample("job", ended_s - due_s, wrong)
        self._told("job", ended_s - due_s, 0, wrong)
        if not wrong:
            self._book.count("ended")
            if errand.does in ("stream", "poll"):
                self._book.measure("overhead", ended_s - due_s - errand.probe.duration_s)
        for reading in readings:
            self._row(reading.kind, job, reading.began_s, reading.reply, reading=reading)

    def _wrong(self, errand: Errand, reading: Reading) -> str:
        """What is not right with a reading, as far as can be seen at once."""
        told = reading.told
        if reading.reply.wrong or reading.malformed:
            return reading.reply.wrong or reading.malformed
        if errand.does == "cancel":
            return ""
        if told is None:
            return "ended without a word" if reading.kind == "stream" else "never ended"
        return "" if told.kind is EventKind.END else f"told {told.kind.value}: {told.text}"

    def _end_s(self, errand: Errand) -> float:
        return errand.probe.duration_s + self._ticket.bounds.end_s

    def _note(self, operation: str, due_s: float, reply: Reply) -> None:
        """One request, from its due instant."""
        took_s = self._book.now_s() - due_s
        self._book.sample(operation, took_s, reply.wrong)
        self._told(operation, took_s, 0, reply.wrong)

    def _row(
        self,
        kind: str,
        job: str,
        invoked_s: float,
        reply: Reply,
        *,
        reading: Reading | None = None,
        **facts: Any,
    ) -> None:
        """One operation of the history, in the history's own form."""
        events = reading.events if reading else []
        if reading is not None:
            facts["requests"] = reading.requests
        self._book.row(
            kind=kind,
            job=job or None,
            invoked_s=round(invoked_s, 4),
            ended_s=round(reading.ended_s if reading else self._book.now_s(), 4),
            outcome=reply.outcome,
            status=reply.status,
            detail=reply.wrong,
            events=[
                [event.kind.value, event.tick, round(event.at_s, 4), _text(event)]
                for event in events
                if event.kind is not EventKind.OTHER or event.text.startswith("not an event")
            ],
            facts=facts,
        )


def _text(event: Event) -> str:
    """A word of what was said; ticks say it by their number."""
    return "" if event.kind is EventKind.TICK else event.text[:_TEXT_LIMIT]
