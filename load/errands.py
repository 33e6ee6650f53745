"""What one arrival does, from its due instant to the end of its job.

Latencies count from the instant at which a request was due: a job's first request is due when the
schedule says so, whatever kept the generator; the others are due when the one before has been
answered and the errand's own pause is over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent

from load.client import LoadClient, Reply
from load.reading import Reading
from load.recorder import Recorder
from queueproof.history import EventKind
from queueproof.load.profile import Errand
from queueproof.load.run_spec import RunSpec

#: Passes a request on to locust: operation, seconds, bytes, what was wrong.
Told = Callable[[str, float, int, str], None]
Row = dict[str, Any]


class Life:
    """One job as its errand goes on; its rows go to the history together, at the end."""

    def __init__(self, which: int, errand: Errand, due_s: float, end_s: float) -> None:
        self.which = which
        self.errand = errand
        self.due_s = due_s
        self.end_s = end_s
        self.job = ""
        self.rows: list[Row] = []


class Errands:
    """Plays errands for one process; `told` passes every request on to locust."""

    def __init__(self, spec: RunSpec, client: LoadClient, recorder: Recorder, told: Told) -> None:
        self._spec = spec
        self._client = client
        self._recorder = recorder
        self._told = told
        self._ways = {
            "stream": self._stream,
            "poll": self._poll,
            "cancel": self._cancel,
            "abandon": self._abandon,
            "submit": self._leave_alone,
        }

    def play(self, which: int, due_s: float) -> None:
        """One arrival, to its end."""
        errand = self._spec.errands[which]
        life = Life(which, errand, due_s, self._spec.end_s(errand))
        try:
            if errand.does == "predict":
                self._predict(life)
            elif self._submit(life):
                self._ways[errand.does](life)
        finally:
            self._recorder.life(life.rows)

    def _submit(self, life: Life) -> bool:
        reply = self._client.submit(life.which)
        self._note("submit", life.due_s, reply)
        life.job = reply.job
        steps = self._spec.templates[life.which].tells_steps
        self._row(life, "submit", life.due_s, reply, **_plan(life.errand, steps=steps))
        return bool(life.job)

    def _stream(self, life: Life) -> None:
        others = [gevent.spawn(self._read, life) for _ in range(life.errand.readers - 1)]
        readings = [self._read(life)]
        readings += [other.get() for other in others]
        self._finish(life, readings)

    def _poll(self, life: Life) -> None:
        reading = Reading("poll", self._recorder.now_s(), requests=0)
        self._poll_until(life, reading, reading.began_s + life.end_s)
        self._finish(life, [reading])

    def _cancel(self, life: Life) -> None:
        reading = Reading("stream", self._recorder.now_s())
        reader = gevent.spawn(self._read, life, reading)
        reading.heard.wait(timeout=life.end_s)
        gevent.sleep(life.errand.after_s)
        asked_s = self._recorder.now_s()
        reply = self._client.cancel(life.which, life.job)
        self._note("cancel", asked_s, reply)
        self._row(life, "cancel", asked_s, reply)
        reader.get()
        stopped = reading.told is None or reading.told.kind is not EventKind.END
        if stopped and not (reply.wrong or reading.reply.wrong):
            self._recorder.measure("cancel_to_stopped", reading.ended_s - asked_s)
        self._finish(life, [reading])

    def _abandon(self, life: Life) -> None:
        """Poll for a while, leave, and look only when the job must have been reclaimed."""
        reading = Reading("poll", self._recorder.now_s(), requests=0)
        self._poll_until(life, reading, reading.began_s + life.errand.after_s)
        self._row_of(life, reading)
        if reading.reply.wrong:
            return
        gevent.sleep(self._spec.bounds.reclaimed_s)
        look = self._read(life, Reading("look", self._recorder.now_s()))
        if look.reply.wrong:
            self._client.cancel(life.which, life.job)
        self._finish(life, [look])

    def _leave_alone(self, life: Life) -> None:  # noqa: ARG002
        """Nothing more; nobody will know what became of the job."""
        self._recorder.count("ended")

    def _predict(self, life: Life) -> None:
        reply = self._client.predict(life.which, life.end_s)
        self._note("predict", life.due_s, reply)
        life.job = reply.job
        self._row(life, "predict", life.due_s, reply, **_plan(life.errand))
        self._sum_up(life, self._recorder.now_s(), reply.wrong)

    def _read(self, life: Life, reading: Reading | None = None) -> Reading:
        """Read a job's stream to its end."""
        reading = reading or Reading("stream", self._recorder.now_s())
        within_s = self._spec.bounds.answer_s if reading.kind == "look" else life.end_s
        for came in self._client.read(life.which, life.job, within_s):
            if isinstance(came, Reply):
                reading.reply = came
                break
            reading.take(came)
        reading.ended_s = self._recorder.now_s()
        reading.heard.set()
        if reading.first_s is not None and reading.kind != "look":
            self._recorder.measure("first_event", reading.first_s - life.due_s)
        self._recorder.count("events", reading.ticks)
        return reading

    def _poll_until(self, life: Life, reading: Reading, until_s: float) -> None:
        """Poll until the job's end is told, a poll goes wrong, or the time has come."""
        due_s = reading.began_s
        while reading.told is None and not reading.reply.wrong and self._recorder.now_s() < until_s:
            gevent.sleep(max(0.0, due_s - self._recorder.now_s()))
            reply = self._client.poll(life.job)
            self._note("poll", due_s, reply)
            reading.requests += 1
            reading.reply = reply
            if reply.events and reading.first_s is None:
                self._recorder.measure("first_event", reply.events[0].at_s - life.due_s)
            for event in reply.events:
                reading.take(event)
            due_s = self._recorder.now_s() + life.errand.every_s
        reading.ended_s = self._recorder.now_s()
        self._recorder.count("events", reading.ticks)

    def _finish(self, life: Life, readings: list[Reading]) -> None:
        """The job is over, as far as its readers know."""
        for reading in readings:
            self._row_of(life, reading)
        wrong = next(filter(None, (_wrong(life.errand, reading) for reading in readings)), "")
        self._sum_up(life, max(reading.ended_s for reading in readings), wrong)

    def _sum_up(self, life: Life, ended_s: float, wrong: str) -> None:
        took_s = ended_s - life.due_s
        self._recorder.sample("job", took_s, wrong)
        self._told("job", took_s, 0, wrong)
        if not wrong:
            self._recorder.count("ended")
            if life.errand.does in ("stream", "poll", "predict"):
                self._recorder.measure("overhead", took_s - life.errand.probe.duration_s)

    def _note(self, operation: str, due_s: float, reply: Reply) -> None:
        """One request, from its due instant."""
        took_s = self._recorder.now_s() - due_s
        self._recorder.sample(operation, took_s, reply.wrong)
        self._told(operation, took_s, 0, reply.wrong)

    def _row(self, life: Life, kind: str, invoked_s: float, reply: Reply, **facts: Any) -> None:
        life.rows.append(
            {
                "kind": kind,
                "job": life.job or None,
                "invoked_s": round(invoked_s, 4),
                "ended_s": round(self._recorder.now_s(), 4),
                "outcome": reply.outcome,
                "status": reply.status,
                "detail": reply.wrong,
                "events": [],
                "facts": facts,
            }
        )

    def _row_of(self, life: Life, reading: Reading) -> None:
        life.rows.append({"job": life.job, **reading.row()})


def _plan(errand: Errand, *, steps: bool = True) -> Row:
    """What readers of the job are meant to be told, for whoever checks what became of it."""
    return {"errand": errand.does, "ticks": errand.ticks if steps else 0}


def _wrong(errand: Errand, reading: Reading) -> str:
    """What is not right with a reading, as far as can be seen at once."""
    told = reading.told
    if reading.reply.wrong or reading.malformed:
        return reading.reply.wrong or reading.malformed
    if errand.does in ("cancel", "abandon"):
        return ""
    if told is None:
        return "ended without a word" if reading.kind == "stream" else "never ended"
    return "" if told.kind is EventKind.END else f"told {told.kind.value}: {told.text}"
