"""The self-check of a mapping: three short probes before the gate, so that what the mapping gets
wrong is never blamed on the target.

One job is read to its end by every way that the mapping names, one fails, one is cancelled. What
they show is judged by `mistakes`; what they do not show (nothing came, too late, a server error)
is left to the gate.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx

from queueproof.errors import NotAssessed
from queueproof.probe import Probe
from queueproof.targets.bodies import pieces
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.events import EventReader, parse_frames, parse_lines
from queueproof.targets.generic.mistakes import (
    judge_also,
    judge_answer,
    judge_ending,
    judge_events,
    judge_format,
    judge_id,
    judge_path,
    judge_result,
    judge_state,
    judge_submit,
)
from queueproof.targets.generic.paths import MISSING, answer_of, probe_values, require_expressible
from queueproof.targets.http import Exchange, exchange, streaming
from queueproof.targets.job import is_over
from queueproof.targets.vantage import Vantage
from queueproof.waiting import eventually

_TICKS = 3
_WHOLE = Probe(ticks=_TICKS, interval_s=0.1)
_FAILING = Probe(ticks=_TICKS, interval_s=0.1, fail_at=1)
_LONG = Probe(ticks=200, interval_s=0.1)
_STEADY = Probe(ticks=30, interval_s=0.1)
_LONGEST_S = 8.0
#: How long a job that was accepted may be unknown to the other requests: it is not a wrong path.
_UNKNOWN_S = 3.0
_NO_PATH = 404
_HEARD = 400
_NOWHERE = "/queueproof-nowhere"
_COMPLETED = "after the job's end"


async def check_mapping(
    client: GenericClient, reader: EventReader, vantage: Vantage, *, answer_s: float
) -> None:
    """Play the probes and judge what came.

    Raises UsageError for a mistake of the mapping, TargetUnreachable for a target that takes no
    job at all.
    """
    check = _Check(client, reader, vantage, answer_s)
    job = await check.submitted(_WHOLE)
    await check.poll(job, how="completed")
    await check.stream(job if "poll" not in client.mapping.calls else None, how="completed")
    await check.state_at_the_end(job, when=_COMPLETED)
    await check.failure()
    await check.cancel()


class _Check:
    """The steps, each on one connection."""

    def __init__(
        self, client: GenericClient, reader: EventReader, vantage: Vantage, answer_s: float
    ) -> None:
        self._client = client
        self._mapping = client.mapping
        self._reader = reader
        self._vantage = vantage
        self._answer_s = answer_s
        #: The requests that a good answer came to: their path is right, whatever comes later.
        self._served: set[str] = set()

    async def submitted(self, probe: Probe) -> str:
        """The id of a job that was taken."""
        call = self._client.call("submit")
        chosen = str(uuid.uuid4())
        values = probe_values(probe, key="", witness=None, chosen_id=chosen)
        answer = await self._ask("submit", values)
        judge_submit(call, answer)
        judge_path(self._mapping, "submit.job_id", call, [answer])
        judge_also(self._mapping, call, answer)
        job_id = self._client.job_id(answer, chosen_id=chosen)
        if job_id is None:
            judge_id(self._mapping, call, answer, self._client.id_text(answer))
        return str(job_id)

    async def poll(self, job: str, *, how: str) -> None:
        """Poll a job until something tells its end, or for some seconds."""
        if "poll" not in self._mapping.calls:
            return
        answers: list[Exchange] = []
        bodies: list[Any] = []
        position: str | None = None

        async def once() -> bool:
            nonlocal position
            answer = await self._ask_known("poll", {"job": job, "after": position})
            answers.append(answer)
            position = _text(self._client.found(answer.json, "poll.position")) or position
            told = self._client.found(answer.json, "poll.events")
            new = told if isinstance(told, list) else []
            bodies[:] = new if self._mapping.whole else [*bodies, *new]
            return not answer.ok or self._is_over(bodies, answer)

        over, _ = await eventually(once, bool, within_s=_LONGEST_S)
        await self._judge_answer("poll", answers[-1])
        if how == "completed":
            # What a job had to tell that was forgotten meanwhile is not known.
            await self._judge_polls(job, answers, bodies, over=over and answers[-1].ok)
        call = self._client.call("poll")
        judge_state(self._mapping, "poll.state", call, answers[-1], when="last")
        judge_ending(self._mapping, self._reader, bodies, call=call, how=how)

    async def _judge_polls(
        self, job: str, answers: list[Exchange], bodies: list[Any], *, over: bool
    ) -> None:
        """What the polls of a whole job must have shown; one that failed may show no event.

        An API may tell all events at the end of a job only: what did not come while the job
        was under way may come yet.
        """
        call = self._client.call("poll")
        if over or await self._is_known_to_be_over(job):
            judge_path(self._mapping, "poll.events", call, answers)
        for entry in ("poll.position", "poll.state"):
            judge_path(self._mapping, entry, call, answers)
        judge_events(self._mapping, self._reader, bodies, call=call, ticks=_TICKS)

    async def _is_known_to_be_over(self, job: str) -> bool:
        """By the state that polls tell, or by the status; where there is neither, by the clock."""
        if "poll.state" in self._mapping.paths:
            return False
        if "status" not in self._mapping.calls:
            return True
        answer = await self._ask_known("status", {"job": job})
        return answer.ok and self._tells_the_end(answer)

    async def stream(self, job: str | None, *, how: str) -> None:
        """Read the stream of a job (by default a new one) to its end or for some seconds."""
        if "stream" not in self._mapping.calls:
            return
        job = job or await self.submitted(_WHOLE)
        answer, bodies = await self._streamed_known(job)
        call = self._client.call("stream")
        await self._judge_answer("stream", answer)
        judge_format(self._mapping, call, answer, bodies)
        judge_events(self._mapping, self._reader, bodies, call=call, ticks=_TICKS)
        judge_ending(self._mapping, self._reader, bodies, call=call, how=how)

    async def state_at_the_end(self, job: str, *, when: str) -> None:
        """Ask for the status until it is one that ends a job, or for some seconds."""
        if "status" not in self._mapping.calls:
            return
        call = self._client.call("status")

        async def once() -> Exchange:
            return await self._ask_known("status", {"job": job})

        answer, _ = await eventually(once, self._tells_the_end, within_s=_LONGEST_S / 2)
        if answer.status == _NO_PATH and "status" not in self._served:
            # Perhaps the job was forgotten with its end: one that runs is known if any is.
            await self._ask_known("status", {"job": await self.submitted(_STEADY)})
        await self._judge_answer("status", answer)
        judge_path(self._mapping, "status.state", call, [answer])
        judge_state(self._mapping, "status.state", call, answer, when=when)
        if when == _COMPLETED and self._tells_the_end(answer):
            await self._result(job, answer)

    async def _result(self, job: str, told: Exchange) -> None:
        """What a completed job has computed, where a mapping says that it is told."""
        if not self._mapping.tells_results:
            return
        name, entry, answer = "status", "status.result", told
        if "result" in self._mapping.calls:
            name, entry = "result", "result.value"
            answer = await self._ask_known("result", {"job": job})
            await self._judge_answer("result", answer)
        call = self._client.call(name)
        judge_result(self._mapping, entry, call, answer, computed=answer_of(""))

    async def failure(self) -> None:
        """A job that fails, where the mapping can express one."""
        with suppress(NotAssessed):
            require_expressible(_FAILING, self._client.call("submit").names)
            job = await self.submitted(_FAILING)
            await self._read_failure(job)
            await self.state_at_the_end(job, when="after the job's failure")

    async def cancel(self) -> None:
        """Cancel a long job."""
        if "cancel" not in self._mapping.calls:
            return
        job = await self.submitted(_LONG)
        answer = await self._ask_known("cancel", {"job": job})
        await self._judge_answer("cancel", answer)
        judge_path(self._mapping, "cancel.success", self._client.call("cancel"), [answer])
        if answer.ok:
            await self.state_at_the_end(job, when="after the job's cancel")

    async def _read_failure(self, job: str) -> None:
        if "stream" in self._mapping.calls:
            _, bodies = await self._streamed_known(job)
            call = self._client.call("stream")
            judge_ending(self._mapping, self._reader, bodies, call=call, how="failed")
        else:
            await self.poll(job, how="failed")

    async def _ask(self, name: str, values: dict[str, Any]) -> Exchange:
        return await self._client.ask(self._vantage, name, values, within_s=self._answer_s + 1.0)

    async def _ask_known(self, name: str, values: dict[str, Any]) -> Exchange:
        """The answer about a job, once the job is known; the last 404 where that never is."""

        async def once() -> Exchange:
            return await self._ask(name, values)

        answer, _ = await eventually(
            once, lambda each: self._is_known(name, each), within_s=_UNKNOWN_S
        )
        return answer

    async def _streamed_known(self, job: str) -> tuple[Exchange, list[Any]]:
        """The same of a stream, with what it carried."""

        async def once() -> tuple[Exchange, list[Any]]:
            return await self._streamed(job)

        streamed, _ = await eventually(
            once, lambda each: self._is_known("stream", each[0]), within_s=_UNKNOWN_S
        )
        return streamed

    def _is_known(self, name: str, answer: Exchange) -> bool:
        """Whether the answer is not that of a path, or a job, that is not there yet."""
        if answer.ok:
            self._served.add(name)
        return answer.status != _NO_PATH or name in self._served

    async def _judge_answer(self, name: str, answer: Exchange) -> None:
        if answer.status == _NO_PATH and name in self._served:
            return
        call = self._client.call(name)
        nowhere = await exchange(self._vantage, call.method, _NOWHERE, within_s=self._answer_s)
        judge_answer(name, call, answer, nowhere=nowhere)

    def _is_over(self, bodies: list[Any], answer: Exchange) -> bool:
        """Whether the end was told, or all ticks where no event and no state tells it."""
        events = self._reader.read_all(bodies)
        state = self._client.found(answer.json, "poll.state")
        if "poll.state" in self._mapping.paths or self._reader.tells_the_end:
            return is_over(events) or bool(self._reader.meaning_of(state))
        return sum(event.tick is not None for event in events) >= _TICKS

    def _tells_the_end(self, answer: Exchange) -> bool:
        state = self._client.found(answer.json, "status.state")
        return not answer.ok or state is MISSING or bool(self._reader.meaning_of(state))

    async def _streamed(self, job: str) -> tuple[Exchange, list[Any]]:
        """The answer to a stream's request, and the objects that came within some seconds."""
        method = self._client.call("stream").method
        path, request = self._client.request("stream", {"job": job})
        parse = parse_frames if self._mapping.stream_format == "sse" else parse_lines
        answer, bodies = Exchange(trouble="no answer"), []
        own = Vantage(self._vantage.url)
        try:
            async with (
                asyncio.timeout(_LONGEST_S),
                streaming(own, method, path, silence_s=_LONGEST_S, **request) as (answer, response),
            ):
                if answer.status == 200:
                    raw = bytearray()
                    async for body, _ in parse(_overheard(pieces(response), raw)):
                        bodies.append(body)
                    answer = Exchange(status=200, text=raw[:_HEARD].decode("utf-8", "replace"))
        except (TimeoutError, httpx.HTTPError):
            pass
        finally:
            await own.close()
        return answer, bodies


async def _overheard(chunks: AsyncIterator[bytes], raw: bytearray) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        raw += chunk
        yield chunk


def _text(value: Any) -> str:
    return "" if value is MISSING or value is None else str(value)
