"""Any HTTP job API that a mapping describes (docs/generic.md).

It asks as the mapping says; what a job's readers are told is followed in `following`, what only its
state tells in `states`.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from types import MappingProxyType

from queueproof.config.mapping import JobMapping
from queueproof.config.model import Credentials
from queueproof.errors import NotAssessed
from queueproof.history import Outcome
from queueproof.probe import Probe
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.events import EventReader
from queueproof.targets.generic.following import EventFollower
from queueproof.targets.generic.kept_streams import KeptStreams
from queueproof.targets.generic.probe_values import probe_values, require_expressible
from queueproof.targets.generic.selfcheck import check_mapping
from queueproof.targets.generic.states import StateReader
from queueproof.targets.generic.wire import MISSING, find
from queueproof.targets.http import exchange, streaming
from queueproof.targets.protocol import (
    CancelReply,
    MonitorReply,
    PollReply,
    Reply,
    Role,
    StreamOpened,
    SubmitReply,
)
from queueproof.targets.request_template import RequestTemplate
from queueproof.targets.statuses import StatusReply
from queueproof.targets.vantage import Vantage


class GenericAdapter:
    """Speaks to one deployment as its mapping says."""

    contract = "generic"
    #: A mapping's mistakes end the run before any case.
    troubles: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        mapping: JobMapping,
        credentials: Credentials,
        *,
        witness: tuple[str, int] | None,
        now_s: Callable[[], float],
    ) -> None:
        self.operations = frozenset(
            {"poll", "stream", "status", "cancel", "dead"} & mapping.calls.keys()
            | ({"stream", "stream_once"} if _streams_once(mapping) else set())
            | ({"steps"} if mapping.tells_steps else set())
            | ({"result"} if mapping.tells_results else set())
        )
        self.version: str | None = " ".join(filter(None, (mapping.name, mapping.version))) or None
        self._mapping = mapping
        self._client = GenericClient(mapping, credentials)
        self._events = EventReader(mapping, now_s)
        self._states = StateReader(self._client, self._events)
        self._kept = KeptStreams(self._client, self._events)
        self._follower = EventFollower(self._client, self._events, self._states, self._kept)
        self._witness = witness

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return self._client.has(role)

    async def prepare(self, vantage: Vantage, *, answer_s: float) -> None:
        """Log in, and ask for the system's version, if the mapping says how; check the mapping by
        probes of its own (see `check_mapping`).
        """
        await self._client.log_in(vantage, within_s=answer_s)
        await self._ask_version(vantage, answer_s=answer_s)
        await check_mapping(self._client, self._events, vantage, self._kept, answer_s=answer_s)

    async def tidy(self, vantage: Vantage) -> None:
        """Nothing is made that would have to be removed."""

    @property
    def left_behind(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    async def remove_leftovers(self, vantage: Vantage) -> tuple[str, ...]:
        """There are none."""
        return ()

    async def ping(self, vantage: Vantage) -> Reply:
        """`GET` on the mapping's `ready` path."""
        return (await exchange(vantage, "GET", self._mapping.ready, within_s=10.0)).as_reply()

    async def login(
        self, vantage: Vantage, username: str, password: str, *, within_s: float
    ) -> Reply:
        """What a user sends to log in is not judged: it is done once, before any case."""
        raise NotAssessed("the mapping has no login")

    async def log_in_again(
        self, vantage: Vantage, *, correctly: bool, within_s: float
    ) -> Reply | None:
        """None: there is no login to be judged."""
        return None

    async def submit(
        self, vantage: Vantage, probe: Probe, *, key: str, role: Role, within_s: float
    ) -> SubmitReply:
        """The mapping's submit with the probe in its body."""
        require_expressible(probe, self._client.call("submit").names)
        chosen_id = str(uuid.uuid4())
        values = probe_values(probe, key=key, witness=self._witness, chosen_id=chosen_id)
        if self._mapping.submit_format:
            kept = await self._kept.submit(
                vantage, values, chosen_id=chosen_id, within_s=within_s, role=role
            )
            answer, job_id = kept.answer, kept.job_id
        else:
            answer = await self._client.ask(vantage, "submit", values, within_s=within_s, role=role)
            job_id = self._client.job_id(answer, chosen_id=chosen_id) if answer.ok else None
        accepted = job_id is not None
        reply = answer.as_reply()
        return reply.become(
            SubmitReply,
            outcome=Outcome.FAILED if answer.ok and not accepted else reply.outcome,
            detail="" if accepted else reply.detail,
            job_id=job_id,
            own_connection=bool(self._mapping.submit_format),
        )

    async def submit_unknown_flow(self, vantage: Vantage, *, within_s: float) -> Reply:
        """The mapping's submit for a kind of job that does not exist."""
        unknown = self._mapping.unknown
        if unknown is None:
            raise NotAssessed("the mapping names no unknown kind of job ([mapping.submit.unknown])")
        chosen_id = str(uuid.uuid4())
        values = probe_values(Probe(), key="", witness=None, chosen_id=chosen_id)
        answer = await self._client.ask(vantage, "submit", values, within_s=within_s, body=unknown)
        return answer.as_reply()

    async def poll(
        self,
        vantage: Vantage,
        job_id: str,
        *,
        role: Role,
        within_s: float,
        after: str | None = None,
    ) -> PollReply:
        """One poll from where the last one left off, or from `after`.

        Where no request tells events, the changes of the job's state are its events.
        """
        return await self._follower.poll(vantage, job_id, role=role, within_s=within_s, after=after)

    @asynccontextmanager
    async def stream(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> AsyncIterator[StreamOpened]:
        """The mapping's stream; `within_s` bounds each silence.

        Where only the answer to a submit is one, it is given to a single reader: NotAssessed for
        any other, and for another user.
        """
        if _streams_once(self._mapping):
            kept = self._kept.taken(job_id, owner=role is Role.USER)
            yield StreamOpened(
                reply=kept.answer.as_reply(), events=self._follower.kept(vantage, job_id, kept)
            )
            return
        method = self._client.call("stream").method
        path, request = self._client.request("stream", {"job": job_id}, role=role)
        async with streaming(vantage, method, path, silence_s=within_s, **request) as (
            answer,
            came,
        ):
            yield StreamOpened(
                reply=answer.as_reply(), events=self._follower.streamed(vantage, job_id, came)
            )

    async def cancel(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> CancelReply:
        """The mapping's cancel; success is what its answer points at, or else any 2xx."""
        asked = {"job": job_id}
        answer = await self._client.ask(vantage, "cancel", asked, within_s=within_s, role=role)
        reply = answer.as_reply()
        message = self._client.found(answer.json, "cancel.message")
        claimed = self._client.found(answer.json, "cancel.success") is True
        return reply.become(
            CancelReply,
            claims_success=answer.ok and (claimed or "cancel.success" not in self._mapping.paths),
            message="" if message is MISSING else str(message),
        )

    async def status(
        self, vantage: Vantage, job_id: str, *, within_s: float, role: Role = Role.USER
    ) -> StatusReply:
        """The mapping's status."""
        return await self._states.status(vantage, job_id, within_s=within_s, role=role)

    async def result(self, vantage: Vantage, job_id: str, *, within_s: float) -> StatusReply:
        """What the job has computed."""
        return await self._states.result(vantage, job_id, within_s=within_s)

    async def dead_letters(
        self, vantage: Vantage, *, within_s: float, role: Role = Role.USER
    ) -> StatusReply:
        """The ids of the jobs that have failed for good, as the reply's result."""
        return await self._states.dead_letters(vantage, within_s=within_s, role=role)

    async def monitor(self, vantage: Vantage, *, role: Role, within_s: float) -> MonitorReply:
        """A mapping has no monitor."""
        raise NotAssessed("the mapping has no monitor")

    async def request_template(self, vantage: Vantage, probe: Probe) -> RequestTemplate:
        """How the load generator submits and reads jobs of this probe: by the mapping, whole.

        Raises NotAssessed for a probe that the mapping cannot express, and for submits that are
        answered with a stream.
        """
        call = self._client.call("submit")
        require_expressible(probe, call.names)
        if self._mapping.submit_format:
            raise NotAssessed("the load generator reads no stream that is the answer to a submit")
        return RequestTemplate(
            path=call.path,
            body=asdict(self._mapping),
            headers=self._client.headers_of(Role.USER),
            tells_steps=self._mapping.tells_steps,
        )

    async def _ask_version(self, vantage: Vantage, *, answer_s: float) -> None:
        """The version that the system itself names, at the mapping's place for it."""
        if "about" not in self._mapping.calls:
            return
        answer = await self._client.ask(vantage, "about", {}, within_s=answer_s)
        found = find(answer.json, self._mapping.paths.get("about.version_at", "version"))
        if answer.ok and found is not MISSING:
            self.version = f"{self._mapping.name} {found}".strip()


def _streams_once(mapping: JobMapping) -> bool:
    """Whether a job's events are streamed to nobody but whoever has submitted it."""
    return mapping.streams and "stream" not in mapping.calls
