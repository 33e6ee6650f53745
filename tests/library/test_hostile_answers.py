"""Whatever a target answers, an adapter makes a reply of it, or raises what is documented."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from queueproof.config.mapping import load_mapping
from queueproof.config.model import Credentials
from queueproof.errors import (
    HarnessError,
    Inconclusive,
    NotAssessed,
    TargetUnreachable,
    UsageError,
)
from queueproof.history import Event, History
from queueproof.probe import Probe
from queueproof.targets.flowise import FlowiseAdapter
from queueproof.targets.flowise.events import parse_data
from queueproof.targets.generic import GenericAdapter
from queueproof.targets.langflow import LangflowAdapter
from queueproof.targets.predictions import (
    DashboardReply,
    DashboardView,
    MessagesReply,
    PredictReply,
)
from queueproof.targets.protocol import Adapter, MonitorReply, Reply, Role
from queueproof.targets.statuses import StatusReply
from queueproof.targets.vantage import Vantage

from .stub_target import answered_by

DOCUMENTED = (HarnessError, Inconclusive, NotAssessed, TargetUnreachable, UsageError)
#: Where adapters make connections of their own.
OWN_CONNECTIONS = {"flowise": "session", "generic": "probe_session"}
GIVEN = Credentials(username="somebody", password="a-password-of-theirs")
ROWS = {
    "ready": "/health",
    "submit": {
        "request": "POST /jobs",
        "json": {"n": "{ticks}", "s": "{interval_s}"},
        "job_id": "id",
    },
    "poll": {
        "request": "GET /jobs/{job}?after={after}",
        "events": "events",
        "position": "next",
        "state": "state",
    },
    "stream": {"request": "GET /jobs/{job}/stream", "format": "sse"},
    "cancel": {"request": "POST /jobs/{job}/cancel", "success": "ok", "message": "message"},
    "status": {"request": "GET /jobs/{job}", "state": "state"},
    "event": {
        "kind": "kind",
        "number": "n",
        "tick": ["tick"],
        "end": ["end"],
        "state": "state",
        "error": ["error"],
        "start": ["start"],
    },
    "state": {"under_way": ["running"], "completed": ["done"], "failed": ["failed"]},
}

WORDS = [
    "event", "data", "name", "job_id", "id", "cancel_stats", "active_jobs", "success", "message",
    "version", "access_token", "detail", "error", "queues", "jobs", "counts", "latest", "events",
    "kind", "n", "state", "next", "text", "nodeLabel", "status", "incomingInput", "question",
]  # fmt: skip
VALUES = [
    "log", "tick-0", "tick-" + "9" * 5000, "end", "vertices_sorted", "nextAgentFlow", "token",
    "agentFlowEvent", "tick", "FINISHED", "ERROR", "\ud800", "\x1b[2J", "::error::", "a/../b?c#d",
    "done", "failed", "-1", "1e999",
]  # fmt: skip
LEAVES = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.just(10**4000)
    | some.floats()
    | some.sampled_from(VALUES)
    | some.text(max_size=20)
)
JSON = some.recursive(
    LEAVES,
    lambda part: (
        some.lists(part, max_size=4)
        | some.dictionaries(some.sampled_from(WORDS) | some.text(max_size=4), part, max_size=5)
    ),
    max_leaves=12,
)


def _written(body: Any) -> bytes:
    return json.dumps(body).encode()


LINES = some.lists(JSON.map(_written) | some.binary(max_size=30), max_size=5)
BODIES = (
    JSON.map(_written)
    | some.binary(max_size=60)
    | LINES.map(b"\n".join)
    | LINES.map(lambda lines: b"".join(b"data: " + line + b"\n\n" for line in lines))
    | some.sampled_from(
        [
            b"[" * 100_000,
            b"9" * 6_000,
            gzip.compress(bytes(1 << 20)),
            b"data: " * 3 + b"\n\n",
            b"\xff\xfe",
        ]
    )
)
HEADERS = some.dictionaries(
    some.sampled_from(
        [
            "content-type",
            "content-encoding",
            "location",
            "retry-after",
            "set-cookie",
            "server",
            "x-events-cursor",
            "connection",
        ]
    ),
    some.sampled_from(
        [
            "application/json; charset=hex",
            "text/event-stream",
            "gzip",
            "br",
            "/x/",
            "http://[::1",
            "0",
            "token=a; Path=/; Max-Age=zzz",
            "nginx",
            "close",
            "-1",
            "\xff",
        ]
    ),
    max_size=4,
)
STATUSES = some.sampled_from([200, 200, 200, 201, 204, 301, 307, 400, 401, 403, 404, 429, 500, 503])
ANSWERS = some.tuples(STATUSES, HEADERS, BODIES)
Told = tuple[int, dict[str, str], bytes]


class Body(httpx.AsyncByteStream):
    """A body in two chunks."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        half = len(self._body) // 2
        yield self._body[:half]
        yield self._body[half:]


class Target:
    """Answers with what is left, the last one for ever."""

    def __init__(self, answers: list[Told]) -> None:
        self._left = answers

    def __call__(self, _: httpx.Request) -> httpx.Response:
        status, headers, body = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return httpx.Response(status, headers=raw, stream=Body(body))


def made(contract: str) -> Adapter:
    """An adapter that has not been prepared."""
    now_s = History().now_s
    if contract == "langflow":
        adapter = LangflowAdapter(GIVEN, witness=None, now_s=now_s)
        adapter._account.tokens.give(Role.USER, "a-token-that-nobody-gave")
        adapter._account.tokens.lend(Role.USER, Role.ADMIN)
        adapter._account._node = {"template": {"code": {}}}
        return adapter
    if contract == "flowise":
        other = FlowiseAdapter(GIVEN, witness=None, now_s=now_s)
        other._account._headers[Role.USER] = {"Cookie": "token=a-token-that-nobody-gave"}
        return other
    mapping = load_mapping(ROWS, where="[mapping]")
    return GenericAdapter(mapping, Credentials(), witness=None, now_s=now_s)


def operations(adapter: Adapter, vantage: Vantage) -> list[Callable[[], Awaitable[Any]]]:
    """Everything that an adapter can be asked for."""
    asked: dict[str, Any] = {"role": Role.USER, "within_s": 1.0}
    every: list[Callable[[], Awaitable[Any]]] = [
        lambda: adapter.prepare(vantage, answer_s=1.0),
        lambda: adapter.ping(vantage),
        lambda: adapter.login(vantage, "somebody", "else", within_s=1.0),
        lambda: adapter.submit(vantage, Probe(ticks=1), key="k", **asked),
        lambda: adapter.submit_unknown_flow(vantage, within_s=1.0),
        lambda: adapter.poll(vantage, "a job/../of\x00 theirs", **asked),
        lambda: adapter.cancel(vantage, "job", **asked),
        lambda: adapter.monitor(vantage, **asked),
        lambda: streamed(adapter, vantage),
        lambda: adapter.tidy(vantage),
    ]
    more = cast(Any, adapter)
    if isinstance(adapter, GenericAdapter):
        every.append(lambda: more.status(vantage, "job", within_s=1.0))
    if isinstance(adapter, FlowiseAdapter):
        every += [
            lambda: more.messages(vantage, "job", **asked),
            lambda: more.dashboard(vantage, view=DashboardView(), **asked),
            lambda: more.predict(vantage, Probe(), key="k", job_id="job", within_s=1.0),
            lambda: more.health(vantage, "/api/v1/ping", within_s=1.0),
        ]
    return every


async def streamed(adapter: Adapter, vantage: Vantage) -> Reply:
    """A stream that is read to its end, or until it breaks."""
    with suppress(httpx.HTTPError):
        async with adapter.stream(vantage, "job", role=Role.USER, within_s=1.0) as opened:
            async for event in opened.events:
                writable([event.text, event.tick])
            return opened.reply
    return Reply(outcome=cast(Any, None))


def writable(told: Any) -> None:
    """Raises what a report's writer would raise."""
    json.dumps(told, ensure_ascii=False, default=str).encode()


def judged(reply: Any) -> None:
    """Everything that a case asks of a reply."""
    if not isinstance(reply, Reply):
        return
    said: list[Any] = [reply.kind.value, reply.words, reply.come_again, reply.refused]
    if isinstance(reply, MonitorReply):
        said += [reply.body, {name: f"{value:+d}" for name, value in reply.counters.items()}]
    if isinstance(reply, DashboardReply):
        said += [reply.jobs(), reply.job_of("k"), reply.count("latest")]
    if isinstance(reply, MessagesReply):
        said += [reply.content("userMessage")]
    if isinstance(reply, PredictReply):
        said += [reply.text, reply.ending.value]
    if isinstance(reply, StatusReply):
        said += [reply.state]
    for event in cast(tuple[Event, ...], getattr(reply, "events", ())):
        said += [event.text, event.tick]
    writable(said)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What asks to come again is not waited for: there is nobody who could do better later."""
    for pauses in ("_OWN_PAUSES_S", "_BESIDE_ASKED_S"):
        monkeypatch.setattr(f"queueproof.targets.asking.{pauses}", (1e9, 1e9))
    monkeypatch.setattr("queueproof.targets.langflow.logins._TURN_WITHIN_S", 0.0)
    monkeypatch.setattr("queueproof.targets.generic.probe_session._LONGEST_S", 0.0)


@pytest.mark.parametrize("contract", ["langflow", "flowise", "generic"])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(answers=some.lists(ANSWERS, min_size=1, max_size=6))
def test_no_answer_is_an_error_of_ours(contract: str, answers: list[Told]) -> None:
    async def main() -> None:
        target = Target(answers)
        adapter, vantage = made(contract), answered_by(target)
        theirs = f"queueproof.targets.{contract}.{OWN_CONNECTIONS.get(contract, '')}.Vantage"
        patch = pytest.MonkeyPatch()
        if contract in OWN_CONNECTIONS:
            patch.setattr(theirs, lambda _: answered_by(target))
        for operation in operations(adapter, vantage):
            try:
                judged(await operation())
            except DOCUMENTED as told:
                writable(str(told))

        patch.undo()

    asyncio.run(main())


@settings(max_examples=300, deadline=None)
@given(data=BODIES)
def test_any_data_of_a_frame_is_an_event(data: bytes) -> None:
    writable(parse_data(data, 0.0).text)
