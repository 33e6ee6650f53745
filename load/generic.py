"""Speaking to any queue by its mapping: the adapter's requests, without its event loop.

Where a mapping has no stream, a job is read by polls; where it has no polls either, by its state.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import gevent

from load.client import Reply, judged
from load.connections import Opened, Pool, Said, Trouble, header_lines
from queueproof.history import Event
from queueproof.load.run_spec import RunSpec
from queueproof.targets.generic.events import EventReader, FrameParser, LineParser
from queueproof.targets.generic.probe_values import probe_values
from queueproof.targets.generic.requests import JobIds, as_told, mapping_from, request_of
from queueproof.targets.generic.wire import MISSING, find
from queueproof.targets.http import Exchange
from queueproof.targets.job import is_over

_FORM = "application/x-www-form-urlencoded"
_BETWEEN_LOOKS_S = 0.05


@dataclass
class _Place:
    """How far one reader of a job has come."""

    position: str | None = None
    seen: int = 0
    begun: bool = False
    over: bool = False


class GenericLoadClient:
    """One process's way to a queue that a mapping describes."""

    def __init__(self, spec: RunSpec, now_s: Callable[[], float]) -> None:
        template = spec.templates[0]
        self._mapping = mapping_from(template.body)
        self._headers = template.headers
        self._probes = [errand.probe for errand in spec.errands]
        self._bounds = spec.bounds
        self._pool = Pool(spec.urls)
        self._ids = JobIds(self._mapping)
        self._events = EventReader(self._mapping, now_s)
        self._now_s = now_s
        self._places: defaultdict[str, _Place] = defaultdict(_Place)

    def submit(self, which: int) -> Reply:
        """The mapping's submit."""
        chosen = str(uuid.uuid4())
        probe = self._probes[which]
        values = probe_values(probe, key=uuid.uuid4().hex, witness=None, chosen_id=chosen)
        said, answer = self._ask("submit", values, within_s=self._bounds.answer_s)
        job = self._ids.of(answer, chosen_id=chosen) if answer.ok else None
        return judged(said, right=job is not None, wanted="a job id", job=job or "")

    def read(self, which: int, job: str, within_s: float) -> Iterator[Event | Reply]:  # noqa: ARG002
        """The mapping's stream, or else what polls tell until the end."""
        reading = self._streamed if "stream" in self._mapping.calls else self._polled_out
        yield from reading(job, within_s)

    def poll(self, job: str) -> Reply:
        """The mapping's poll, or a look at the state."""
        return self._look(job, self._places[job])

    def cancel(self, which: int, job: str) -> Reply:  # noqa: ARG002
        """The mapping's cancel."""
        said, answer = self._ask("cancel", {"job": job}, within_s=self._bounds.answer_s)
        path = self._mapping.paths.get("cancel.success")
        taken = answer.ok and (path is None or find(answer.json, path) is True)
        return judged(said, right=taken, wanted="success")

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def predict(self, which: int, within_s: float) -> Reply:
        """No mapping has a blocking submit."""
        raise NotImplementedError

    def _polled_out(self, job: str, within_s: float) -> Iterator[Event | Reply]:
        place, until_s = _Place(), self._now_s() + within_s
        while True:
            reply = self._look(job, place)
            yield from reply.events
            if reply.wrong or is_over(reply.events):
                yield reply
                return
            if self._now_s() > until_s:
                late = Said(trouble=Trouble("late", f"no answer within {within_s:.1f} s"))
                yield judged(late, right=False, wanted="an end")
                return
            gevent.sleep(_BETWEEN_LOOKS_S)

    def _look(self, job: str, place: _Place) -> Reply:
        """What is new of a job since this place."""
        if "poll" not in self._mapping.calls:
            return self._look_at_state(job, place)
        asked = {"job": job, "after": place.position}
        said, answer = self._ask("poll", asked, within_s=self._bounds.poll_s)
        found = self._at(answer, "poll.events")
        reply = judged(said, right=answer.ok, wanted="events")
        if reply.wrong:
            return reply
        position = self._at(answer, "poll.position")
        if position is not MISSING and position is not None:
            place.position = str(position)
        bodies = found if isinstance(found, list) else []
        if self._mapping.whole:
            place.seen, bodies = max(place.seen, len(bodies)), bodies[place.seen :]
        events = self._events.read_all(bodies)
        state = self._at(answer, "poll.state")
        if not events and state is not MISSING:
            events = self._ending(state)
        elif not events and not self._events.tells_the_end and "status" in self._mapping.calls:
            return self._ended_apart(job, place)
        return replace(reply, events=tuple(events))

    def _ended_apart(self, job: str, place: _Place) -> Reply:
        """The end by the state, which is asked after a poll and may be newer: one more empty poll
        must follow it.
        """
        reply = self._look_at_state(job, place)
        ended = is_over(reply.events)
        told = reply.events if ended and place.over else ()
        place.over = ended
        return replace(reply, events=told)

    def _look_at_state(self, job: str, place: _Place) -> Reply:
        """Changes of the state are a reader's events."""
        said, answer = self._ask("status", {"job": job}, within_s=self._bounds.answer_s)
        state = self._at(answer, "status.state")
        reply = judged(said, right=answer.ok and state is not MISSING, wanted="a state")
        if reply.wrong:
            return reply
        events = self._ending(state)
        if not events and not place.begun and self._events.is_running(state):
            place.begun = True
            events = self._events.beginning(text=str(state))
        return replace(reply, events=tuple(events))

    def _streamed(self, job: str, within_s: float) -> Iterator[Event | Reply]:
        parser = FrameParser() if self._mapping.stream_format == "sse" else LineParser()
        pending = b""
        try:
            with self._open("stream", {"job": job}, within_s=within_s) as answer:
                if not 200 <= answer.status < 300:
                    said = Said(answer.status, b"".join(answer.chunks()))
                    yield judged(said, right=False, wanted="a stream")
                    return
                for chunk in answer.chunks():
                    *lines, pending = (pending + chunk).split(b"\n")
                    for line in lines:
                        yield from self._read(parser, line)
                yield from self._read(parser, pending)
        except Trouble as trouble:
            yield judged(Said(trouble=trouble), right=False, wanted="a stream")
            return
        if not self._events.tells_the_end and "status" in self._mapping.calls:
            last = self._look_at_state(job, _Place(begun=True))
            yield from last.events
            yield last
            return
        yield Reply(status=200)

    def _read(self, parser: LineParser | FrameParser, line: bytes) -> Iterator[Event]:
        for body, size in parser.feed(line):
            yield from self._events.read(body, size=size)

    def _ending(self, state: Any) -> list[Event]:
        return self._events.ending(self._events.meaning_of(state), text=str(state))

    def _at(self, answer: Exchange, entry: str) -> Any:
        path = self._mapping.paths.get(entry)
        return MISSING if path is None or not answer.ok else find(answer.json, path)

    def _ask(
        self, name: str, values: Mapping[str, Any], *, within_s: float
    ) -> tuple[Said, Exchange]:
        """One request and its whole answer, as the generator and as the mapping read it."""
        try:
            with self._open(name, values, within_s=within_s) as opened:
                named = self._mapping.id_header.lower()
                headers = {named: opened.header(named)} if named else {}
                said = Said(opened.status, b"".join(opened.chunks()))
        except Trouble as trouble:
            return Said(trouble=trouble), Exchange(trouble=str(trouble))
        text = said.body.decode("utf-8", "replace")
        answer = Exchange(status=said.status, text=text, headers=headers)
        return said, as_told(self._mapping, answer)

    def _open(self, name: str, values: Mapping[str, Any], *, within_s: float) -> Opened:
        call = self._mapping.calls[name]
        asked = {**self._ids.also(values.get("job")), **values}
        path, request = request_of(call, asked, headers=self._headers)
        headers, body = dict(request["headers"]), b""
        if "json" in request:
            body = json.dumps(request["json"]).encode()
        elif "data" in request:
            body, headers["Content-Type"] = urlencode(request["data"]).encode(), _FORM
        if request.get("params"):
            path += f"?{urlencode(request['params'])}"
        lines = header_lines(headers)
        return self._pool.open(call.method, path, headers=lines, body=body, within_s=within_s)
