"""Speaking to Langflow: the adapter's paths and events, without its event loop."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlencode

from load.client import Reply, judged
from load.connections import Pool, Said, Trouble, WayIn, header_lines
from queueproof.history import Event
from queueproof.load.run_spec import RunSpec
from queueproof.targets.langflow.events import parse_lines
from queueproof.targets.langflow.wire import (
    POLLING,
    STREAMING,
    cancel_path,
    cancel_succeeded,
    events_path,
    job_id_in,
)

_STREAM = f"?{urlencode(STREAMING)}"
_POLL = f"?{urlencode(POLLING)}"


class LangflowLoadClient:
    """One process's way to a Langflow."""

    def __init__(self, spec: RunSpec, now_s: Callable[[], float]) -> None:
        self._pool = Pool(spec.urls, WayIn.of(spec))
        self._now_s = now_s
        self._bounds = spec.bounds
        self._headers = header_lines(spec.templates[0].headers)
        self._submits = [
            (template.path, json.dumps(template.body).encode()) for template in spec.templates
        ]

    def submit(self, which: int) -> Reply:
        """`POST …/flow`."""
        path, body = self._submits[which]
        said = self._ask("POST", path, body, within_s=self._bounds.answer_s)
        job = job_id_in(said.body) if said.ok else None
        return judged(said, right=job is not None, wanted="a job id", job=job or "")

    def read(self, which: int, job: str, within_s: float) -> Iterator[Event | Reply]:  # noqa: ARG002
        """`GET …/events` as a stream."""
        path, pending = events_path(job) + _STREAM, b""
        try:
            with self._pool.open("GET", path, headers=self._headers, within_s=within_s) as answer:
                if answer.status != 200:
                    said = Said(answer.status, b"".join(answer.chunks()))
                    yield judged(said, right=False, wanted="a stream")
                    return
                for chunk in answer.chunks():
                    *lines, pending = (pending + chunk).split(b"\n")
                    yield from parse_lines(lines, self._now_s)
                yield from parse_lines([pending], self._now_s)
        except Trouble as trouble:
            yield judged(Said(trouble=trouble), right=False, wanted="a stream")
            return
        yield Reply(status=200)

    def poll(self, job: str) -> Reply:
        """`GET …/events` as a poll."""
        said = self._ask("GET", events_path(job) + _POLL, within_s=self._bounds.poll_s)
        reply = judged(said, right=said.status == 200, wanted="events")
        if reply.wrong:
            return reply
        return replace(reply, events=tuple(parse_lines(said.body.split(b"\n"), self._now_s)))

    def cancel(self, which: int, job: str) -> Reply:  # noqa: ARG002
        """`POST …/cancel`."""
        said = self._ask("POST", cancel_path(job), within_s=self._bounds.answer_s)
        done = said.ok and cancel_succeeded(said.body)
        return judged(said, right=done, wanted="success")

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def predict(self, which: int, within_s: float) -> Reply:
        """Langflow has no blocking prediction here."""
        raise NotImplementedError

    def _ask(self, method: str, path: str, body: bytes = b"", *, within_s: float) -> Said:
        return self._pool.ask(method, path, headers=self._headers, body=body, within_s=within_s)
