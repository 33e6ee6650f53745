"""A self-check's way to the target: requests for jobs of its own, on one connection, judged as they
are answered.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx

from queueproof.config.mapping import Call, JobMapping
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.probe import Probe
from queueproof.targets.bodies import pieces
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.events import EventReader, parse_frames, parse_lines
from queueproof.targets.generic.kept_streams import KeptStreams
from queueproof.targets.generic.mistakes import (
    judge_also,
    judge_answer,
    judge_format,
    judge_id,
    judge_path,
    judge_refused,
    judge_streamed_id,
    judge_submit,
)
from queueproof.targets.generic.probe_values import probe_values
from queueproof.targets.generic.requests import refusal_in
from queueproof.targets.generic.wire import MISSING
from queueproof.targets.http import Exchange, exchange, streaming
from queueproof.targets.reaching import http2_alone, leads_elsewhere
from queueproof.targets.vantage import Vantage
from queueproof.waiting import eventually

#: How long anything is waited for that a job of a few tenths of a second has to tell.
_LONGEST_S = 8.0
NO_PATH = 404
#: How long a job that was accepted may be unknown to the other requests: it is not a wrong path.
_UNKNOWN_S = 3.0
_HEARD = 400
_NOWHERE = "/queueproof-nowhere"


class ProbeSession:
    """Asks for jobs and about them; `served` are the requests that a good answer came to: their
    path is right, whatever comes later.
    """

    def __init__(
        self,
        client: GenericClient,
        reader: EventReader,
        vantage: Vantage,
        kept: KeptStreams,
        answer_s: float,
    ) -> None:
        self.client = client
        self.reader = reader
        self.served: set[str] = set()
        self._vantage = vantage
        self._kept = kept
        self._answer_s = answer_s

    @property
    def longest_s(self) -> float:
        """How long anything is waited for."""
        return _LONGEST_S

    @property
    def mapping(self) -> JobMapping:
        """The mapping that is checked."""
        return self.client.mapping

    def names(self, name: str) -> bool:
        """Whether the mapping has this request."""
        return name in self.mapping.calls

    def call(self, name: str) -> Call:
        """One of its requests."""
        return self.client.call(name)

    async def check_health(self) -> None:
        """A path of a health check that nobody serves is a mistake; unwell it may be."""
        path = self.mapping.health
        if not path:
            return
        answer = await exchange(self._vantage, "GET", path, within_s=self._answer_s)
        if answer.status == NO_PATH:
            raise UsageError(f'mapping: [mapping] health = "{path}" is answered {NO_PATH}')

    async def submitted(self, probe: Probe) -> str:
        """The id of a job that was taken."""
        call = self.call("submit")
        chosen = str(uuid.uuid4())
        values = probe_values(probe, key="", witness=None, chosen_id=chosen)
        if self.mapping.submit_format:
            return await self._submitted_to_stream(values, chosen)
        answer = await self.ask("submit", values)
        await self._expect_reached(answer, values)
        if (entry := refusal_in(self.mapping, answer)) and self.client.id_text(answer):
            judge_refused(self.mapping, call, answer, entry=entry)
        judge_submit(call, answer)
        judge_path(self.mapping, "submit.job_id", call, [answer])
        judge_also(self.mapping, call, answer)
        job_id = self.client.job_id(answer, chosen_id=chosen)
        if job_id is None:
            judge_id(self.mapping, call, answer, self.client.id_text(answer))
        return str(job_id)

    async def _expect_reached(self, answer: Exchange, values: dict[str, Any]) -> None:
        """Raise TargetUnreachable for an address that leads elsewhere, or speaks HTTP/2 alone."""
        url = self._vantage.url
        if answer.status is None and (alone := await http2_alone(url)):
            raise TargetUnreachable(f"{url} does not answer: {answer.trouble}; {alone}")
        path, _ = self.client.request("submit", values)
        if advice := leads_elsewhere(answer, url, path):
            raise TargetUnreachable(f"{url} answers, but not as the mapping says: {advice}")

    async def answered(self, job: str) -> tuple[Exchange, list[Any]]:
        """What the answer to a job's submit told, once it is over, or has lasted for too long."""
        kept = self._kept.of(job)
        assert kept is not None

        async def over() -> bool:
            return kept.over

        await eventually(over, bool, within_s=_LONGEST_S)
        return kept.answer, kept.bodies

    async def _submitted_to_stream(self, values: dict[str, Any], chosen: str) -> str:
        """The id of a job whose events are the answer to its submit."""
        call = self.call("submit")
        kept = await self._kept.submit(
            self._vantage, values, chosen_id=chosen, within_s=self._answer_s + 1.0
        )
        await self._expect_reached(kept.answer, values)
        judge_submit(call, kept.answer)
        if kept.job_id is None:
            judge_format(self.mapping, "submit.format", call, kept.answer, kept.bodies)
            judge_streamed_id(self.mapping, call, kept.answer, kept.bodies)
        return str(kept.job_id)

    async def ask(self, name: str, values: dict[str, Any]) -> Exchange:
        """One request, whatever comes of it."""
        return await self.client.ask(self._vantage, name, values, within_s=self._answer_s + 1.0)

    async def ask_known(self, name: str, values: dict[str, Any]) -> Exchange:
        """The answer about a job, once the job is known; the last 404 where that never is."""

        async def once() -> Exchange:
            return await self.ask(name, values)

        answer, _ = await eventually(
            once, lambda each: self._is_known(name, each), within_s=_UNKNOWN_S
        )
        return answer

    async def streamed(self, job: str) -> tuple[Exchange, list[Any]]:
        """The answer to a stream's request, once the job is known, and the objects that came."""

        async def once() -> tuple[Exchange, list[Any]]:
            return await self._streamed_once(job)

        streamed, _ = await eventually(
            once, lambda each: self._is_known("stream", each[0]), within_s=_UNKNOWN_S
        )
        return streamed

    async def judge_answer(self, name: str, answer: Exchange) -> None:
        """Raise UsageError for a request that is refused as only a wrong one is."""
        if answer.status == NO_PATH and name in self.served:
            return
        call = self.call(name)
        nowhere = await exchange(self._vantage, call.method, _NOWHERE, within_s=self._answer_s)
        judge_answer(name, call, answer, nowhere=nowhere)

    def tells_the_end(self, answer: Exchange) -> bool:
        """Whether a status tells an end, or nothing that could become one."""
        state = self.client.found(answer.json, "status.state")
        return not answer.ok or state is MISSING or bool(self.reader.meaning_of(state))

    def _is_known(self, name: str, answer: Exchange) -> bool:
        """Whether the answer is not that of a path, or a job, that is not there yet."""
        if answer.ok:
            self.served.add(name)
        return answer.status != NO_PATH or name in self.served

    async def _streamed_once(self, job: str) -> tuple[Exchange, list[Any]]:
        method = self.call("stream").method
        path, request = self.client.request("stream", {"job": job})
        parse = parse_frames if self.mapping.stream_format == "sse" else parse_lines
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
