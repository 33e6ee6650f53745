"""Speaking to Flowise: a submit is a streamed prediction, and its answer is the job's stream."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

from load.client import Reply, judged
from load.connections import Opened, Pool, Said, Trouble, WayIn, header_lines
from queueproof.history import Event
from queueproof.load.run_spec import RunSpec
from queueproof.targets.flowise.events import Frames
from queueproof.targets.flowise.wire import EVENT_STREAM, abort_path, prediction_body

_QUESTION = "queueproof"


class FlowiseLoadClient:
    """One process's way to a Flowise."""

    def __init__(self, spec: RunSpec, now_s: Callable[[], float]) -> None:
        self._pool = Pool(spec.urls, WayIn.of(spec))
        self._now_s = now_s
        self._bounds = spec.bounds
        self._templates = spec.templates
        self._last_ticks = [errand.ticks - 1 for errand in spec.errands]
        self._headers = header_lines(spec.templates[0].headers)
        self._open: dict[str, Opened] = {}

    def submit(self, which: int) -> Reply:
        """`POST …/prediction` with streaming, up to the beginning of its answer."""
        job = str(uuid.uuid4())
        body = json.dumps(prediction_body(_QUESTION, job, streaming=True)).encode()
        answer = self._pool.open(
            "POST", self._templates[which].path, body=body, within_s=self._bounds.answer_s
        )
        try:
            answer.__enter__()
            if 200 <= answer.status < 300 and EVENT_STREAM in answer.header("content-type"):
                self._open[job] = answer
                return Reply(status=200, job=job)
            with answer:
                said = Said(answer.status, b"".join(answer.chunks()))
        except Trouble as trouble:
            said = Said(trouble=trouble)
        return judged(said, right=False, wanted="an event stream")

    def read(self, which: int, job: str, within_s: float) -> Iterator[Event | Reply]:  # noqa: ARG002
        """The answer to the job's submit; it can be read once."""
        frames, answer = Frames(self._now_s), self._open.pop(job)
        answer.allow(within_s)
        try:
            for chunk in answer.chunks():
                yield from frames.feed(chunk)
        except Trouble as trouble:
            yield judged(Said(trouble=trouble), right=False, wanted="a stream")
            return
        finally:
            answer.__exit__(None, None, None)
        yield Reply(status=200)

    def poll(self, job: str) -> Reply:
        """Flowise's jobs cannot be polled."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def predict(self, which: int, within_s: float) -> Reply:
        """`POST …/prediction` without streaming: the answer is this job's whole result."""
        job = str(uuid.uuid4())
        body = json.dumps(prediction_body(_QUESTION, job, streaming=False)).encode()
        said = self._pool.ask("POST", self._templates[which].path, body=body, within_s=within_s)
        right = said.ok and _is_result(said.body, job, self._last_ticks[which])
        return replace(judged(said, right=right, wanted="the job's result"), job=job)

    def cancel(self, which: int, job: str) -> Reply:
        """`PUT …/abort`; any 2xx claims success."""
        said = self._pool.ask(
            "PUT",
            abort_path(self._templates[which].flow, job),
            headers=self._headers,
            within_s=self._bounds.answer_s,
        )
        done = said.status is not None and 200 <= said.status < 300
        return judged(said, right=done, wanted="success")


def _is_result(body: bytes, job: str, last_tick: int) -> bool:
    """Whether this is the result of this job and no other, from its last step."""
    try:
        found = json.loads(body)
    except ValueError:
        return False
    if not isinstance(found, dict):
        return False
    text = str(found.get("text", "")).rstrip(".")
    return text == f"tick-{last_tick}" and found.get("chatId") == job
