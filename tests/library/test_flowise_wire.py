"""What the flowise adapter says and understands on the wire."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from queueproof.config.model import Credentials, TargetConfig
from queueproof.config.transport import Transport
from queueproof.errors import UsageError
from queueproof.history import Event, EventKind
from queueproof.probe import Probe
from queueproof.targets.flowise.account import FlowiseAccount
from queueproof.targets.flowise.events import BEGUN, STREAMED, parse_frames
from queueproof.targets.flowise.flow import flow_of
from queueproof.targets.job import Ending, ending_of, is_over
from queueproof.targets.predictions import DashboardReply, PredictReply
from queueproof.targets.protocol import Role
from queueproof.targets.transports import declare_transport
from queueproof.targets.vantage import Vantage


def frame(event: str, data: object) -> bytes:
    return b"message:\ndata:" + json.dumps({"event": event, "data": data}).encode() + b"\n\n"


def node(label: str, status: str) -> bytes:
    return frame("nextAgentFlow", {"nodeId": "n", "nodeLabel": label, "status": status})


def parsed(body: bytes, *, size: int = 7) -> list[Event]:
    """The events of a body that arrives in pieces of `size` bytes."""
    clock = itertools.count()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    async def read() -> list[Event]:
        return [event async for event in parse_frames(chunks(), lambda: float(next(clock)))]

    return asyncio.run(read())


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_nodes_end_is_a_tick_wherever_the_body_is_cut(size: int) -> None:
    body = node("tick-3", "INPROGRESS") + node("tick-3", "FINISHED")

    begun, tick = parsed(body, size=size)

    assert (begun.kind, begun.text) == (EventKind.OTHER, f"{BEGUN}tick-3")
    assert (tick.kind, tick.tick) == (EventKind.TICK, 3)


def test_nodes_that_are_no_ticks_are_none() -> None:
    [start, named] = parsed(node("Start", "FINISHED") + node("tick-x", "FINISHED"))

    assert start.kind is named.kind is EventKind.OTHER


def test_a_heartbeat_and_an_unfinished_frame_are_no_events() -> None:
    assert parsed(b":heartbeat\n\n" + b'message:\ndata:{"event":"end"') == []


def test_what_is_no_event_is_kept_and_says_so() -> None:
    [odd] = parsed(b"data:nonsense\n\n")

    assert odd.kind is EventKind.OTHER
    assert "not an event" in odd.text


def test_tokens_carry_their_text() -> None:
    [token] = parsed(frame("token", "tick-2"))

    assert token.text == f"{STREAMED}tick-2"


@pytest.mark.parametrize(
    ("frames", "ending"),
    [
        ([frame("end", "[DONE]")], Ending.COMPLETED),
        ([frame("error", "it broke"), frame("end", "[DONE]")], Ending.FAILED),
        (
            [
                frame("error", "Error: buildChatflow - Flow execution was cancelled"),
                frame("end", "[DONE]"),
            ],
            Ending.CANCELLED,
        ),
        (
            [
                frame("agentFlowEvent", "TERMINATED"),
                frame("error", "Flow execution was cancelled"),
                frame("end", "[DONE]"),
            ],
            Ending.CANCELLED,
        ),
        ([frame("agentFlowEvent", "FINISHED")], None),
    ],
)
def test_a_stream_says_how_it_ended(frames: list[bytes], ending: Ending | None) -> None:
    events = parsed(b"".join(frames))

    assert ending_of(events) is ending
    assert is_over(events) == (ending is not None)


def test_the_probe_flow_is_a_chain_of_steps() -> None:
    """Its functions begin with their parameters as one line of JSON."""
    probe = Probe(ticks=3, interval_s=0.25, fail_at=2, witnessed=True, slow_start_s=1.0)

    flow = flow_of(probe, ("127.0.0.1", 4711))

    assert [(edge["source"], edge["target"]) for edge in flow["edges"]] == [
        ("startAgentflow_0", "customFunctionAgentflow_0"),
        ("customFunctionAgentflow_0", "customFunctionAgentflow_1"),
        ("customFunctionAgentflow_1", "customFunctionAgentflow_2"),
    ]
    steps = [step_of(one) for one in flow["nodes"][1:]]
    assert [step["tick"] for step in steps] == [0, 1, 2]
    assert [step["fail"] for step in steps] == [False, False, True]
    assert [step["delay_ms"] for step in steps] == [1000, 0, 0]
    assert {step["pause_ms"] for step in steps} == {250}
    assert {step["witness"] for step in steps} == {"http://127.0.0.1:4711"}


def test_a_probe_without_witness_tells_nobody() -> None:
    [step] = [step_of(one) for one in flow_of(Probe(ticks=1), ("127.0.0.1", 1))["nodes"][1:]]

    assert step["witness"] == ""


def step_of(one: dict[str, Any]) -> dict[str, Any]:
    first, _, _ = one["data"]["inputs"]["customFunctionJavascriptFunction"].partition("\n")
    step: dict[str, Any] = json.loads(first.removeprefix("const step = ").removesuffix(";"))
    return step


@pytest.mark.parametrize(
    ("status", "detail", "ending"),
    [
        (200, "", Ending.COMPLETED),
        (500, "Error: Flow execution was cancelled", Ending.CANCELLED),
        (500, "Error: it broke", Ending.FAILED),
        (None, "no answer within 5.0 s", Ending.SILENT),
    ],
)
def test_a_blocking_answer_says_how_the_job_ended(
    status: int | None, detail: str, ending: Ending
) -> None:
    from queueproof.history import Outcome

    reply = PredictReply(outcome=Outcome.UNKNOWN, status=status, detail=detail)

    assert reply.ending is ending


def test_the_dashboards_jobs_are_found_by_their_question() -> None:
    from queueproof.history import Outcome

    job = {"id": "1", "data": {"incomingInput": {"question": "k"}}, "returnValue": {"text": "t"}}
    queues = ({"name": "q", "counts": {"active": 2}, "jobs": [{"id": "0", "data": None}, job]}, {})
    shown = DashboardReply(outcome=Outcome.OK, status=200, queues=queues)

    assert shown.job_of("k") == job
    assert shown.job_of("another") is None
    assert (shown.count("active"), shown.count("failed")) == (2, 0)


def test_a_lost_session_is_renewed_once_for_all_who_find_it_lost() -> None:
    """Systems count logins; a session lost with Redis is found lost by many requests at once."""
    logins: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/login"):
            logins.append(f"token=t{len(logins)}")
            return httpx.Response(200, json={}, headers={"set-cookie": f"{logins[-1]}; Path=/"})
        # The first session is lost at once, the second one lasts.
        known = "token=t1" in request.headers.get("cookie", "")
        return httpx.Response(200 if known else 401, json=[])

    async def main() -> list[int | None]:
        given = Credentials(username="owner@example.com", password="p")
        account, vantage = FlowiseAccount(given, witness=None), Vantage("http://target")
        await vantage.close()
        vantage.client = httpx.AsyncClient(
            base_url="http://target", transport=httpx.MockTransport(answer)
        )
        await account.log_in_again(vantage, correctly=True, within_s=5)
        calls = (account.call(vantage, "GET", "/x", Role.USER) for _ in range(5))
        answers = await asyncio.gather(*calls)
        await vantage.close()
        return [one.status for one in answers]

    assert asyncio.run(main()) == [200] * 5
    assert len(logins) == 2


def test_an_api_key_and_a_front_cannot_both_have_the_authorization() -> None:
    """Said before anything is judged; a login goes beside it, as cookies."""
    url = "http://fronted.test:1"
    front = Transport(headers={"Authorization": "Basic am9lOnNlY3JldA=="})
    declare_transport(TargetConfig(urls=(url,), transport=front))

    async def enter() -> None:
        vantage = Vantage(url)
        try:
            account = FlowiseAccount(Credentials(api_key="a-key-of-mine"), witness=None)
            await account._authenticate(vantage, 1.0)
        finally:
            await vantage.close()

    with pytest.raises(UsageError, match="both want the Authorization header"):
        asyncio.run(enter())
