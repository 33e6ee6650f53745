"""The deployment over HTTP: a main server and two workers that nobody disturbs."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

FAILURE = "queueproof probe failed as asked"
CANCELLED = "Flow execution was cancelled"


def statuses(told: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Node label and status of every node event."""
    return [(data["nodeLabel"], data["status"]) for name, data in told if name == "nextAgentFlow"]


def test_a_blocking_prediction_returns_the_last_nodes_output(running: Any) -> None:
    """The result is written to the database, and announced, and returned."""
    flow = running.flow({"pause_ms": 10}, {"padding": 3})
    chat = str(uuid.uuid4())
    answer = running.predict(flow, "hello", chatId=chat)
    assert answer.status_code == 200
    result = answer.json()
    assert (result["text"], result["question"], result["chatId"]) == ("tick-1...", "hello", chat)
    said = running.http.get(f"/api/v1/chatmessage/{flow}", params={"chatId": chat}).json()
    assert [(one["role"], one["content"]) for one in said] == [
        ("userMessage", "hello"),
        ("apiMessage", "tick-1..."),
    ]


def test_a_stream_tells_every_node_in_order_and_then_how_it_ended(running: Any) -> None:
    """Begin and end of every node, the token, the metadata, one end."""
    flow = running.flow({"pause_ms": 20}, {"pause_ms": 20})
    told = running.stream(flow, "hello")
    names = [name for name, _ in told]
    assert statuses(told) == [
        (label, status)
        for label in ("Start", "tick-0", "tick-1")
        for status in ("INPROGRESS", "FINISHED")
    ]
    assert names[:2] == ["agentFlowEvent", "nextAgentFlow"]
    assert names[-3:] == ["agentFlowEvent", "metadata", "end"]
    assert names.count("end") == 1
    assert ("token", "tick-1") in told
    assert told[-2][1]["question"] == "hello"


def test_a_stream_opens_before_its_job_ends(running: Any) -> None:
    """Headers and first events come while the flow still runs."""
    flow = running.flow({"pause_ms": 2000})
    followed = running.follow(flow)
    followed.until_begun("tick-0")
    assert ("end", "[DONE]") not in followed.told
    assert followed.to_the_end()[-1] == ("end", "[DONE]")


def test_a_failing_node_ends_its_prediction_with_its_own_words(running: Any) -> None:
    """Blocking and streaming."""
    flow = running.flow({}, {"fail": True}, {})
    answer = running.predict(flow)
    assert (answer.status_code, answer.json()["message"]) == (500, FAILURE)
    told = running.stream(flow)
    assert ("tick-1", "ERROR") in statuses(told)
    assert ("tick-2", "INPROGRESS") not in statuses(told)
    assert told[-2:] == [("error", FAILURE), ("end", "[DONE]")]


def test_an_abort_stops_a_running_prediction_where_it_stands(running: Any, eventually: Any) -> None:
    """Both who waits and who streams is told, and the abort answers when it has stopped."""
    flow, chat = running.flow({"pause_ms": 30_000}, {}), str(uuid.uuid4())
    with ThreadPoolExecutor() as pool:
        streamed = running.follow(flow, chatId=chat)
        streamed.until_begun("tick-0")
        waited = pool.submit(running.predict, flow, chatId=chat)
        eventually(lambda: len(running.http.get(f"/api/v1/chatmessage/{flow}").json()) == 2)
        assert running.abort(flow, chat).status_code == 200
        told = streamed.to_the_end()
        assert waited.result(timeout=20).status_code == 500
    assert ("tick-0", "TERMINATED") in statuses(told)
    assert told[-2:] == [("error", CANCELLED), ("end", "[DONE]")]
    assert running.abort(flow, str(uuid.uuid4())).status_code == 404


def test_what_does_not_exist_is_refused_as_flowise_words_it(running: Any) -> None:
    """Also to a client that asked for a stream."""
    for body in ({}, {"streaming": True}):
        answer = running.predict(str(uuid.uuid4()), **body)
        assert answer.status_code == 404
        assert answer.json()["success"] is False


def test_everything_else_wants_a_session_or_a_key(running: Any) -> None:
    """An API key is as good as its user."""
    with httpx.Client(base_url=running.http.base_url, trust_env=False) as stranger:
        assert stranger.get("/api/v1/chatflows").status_code == 401
        assert _with_key(stranger, "guessed").status_code == 401
        made = running.http.post("/api/v1/apikey", json={"keyName": "k", "permissions": []}).json()
        assert _with_key(stranger, made[-1]["apiKey"]).is_success


def _with_key(client: httpx.Client, key: str) -> httpx.Response:
    return client.get("/api/v1/chatflows", headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def member(running: Any) -> httpx.Client:
    """The session of somebody who is no admin."""
    client = httpx.Client(base_url=running.http.base_url, trust_env=False)
    login = {"email": "member@example.test", "password": "battery staple"}
    assert client.post("/api/v1/auth/login", json=login).is_success
    return client


def test_the_dashboard_shows_jobs_to_the_admin_only(running: Any, member: httpx.Client) -> None:
    """As a page and as JSON: status, data and result."""
    flow = running.flow({"padding": 1})
    running.predict(flow, "what the dashboard shows <b>")
    page = running.http.get("/admin/queues")
    assert page.is_success
    assert "what the dashboard shows &lt;b&gt;" in page.text
    assert "tick-0." in page.text
    listing = running.http.get("/admin/queues/api/queues", params={"status": "completed"}).json()
    queue = listing["queues"][0]
    job = queue["jobs"][0]
    assert queue["name"] == "flowise-queue-prediction"
    assert queue["counts"]["completed"] >= 1
    assert job["data"]["incomingInput"]["question"] == "what the dashboard shows <b>"
    assert job["returnValue"]["text"] == "tick-0."
    assert "signature" not in job["data"]
    assert member.get("/admin/queues").status_code == 403
    assert member.get("/admin/queues/api/queues").status_code == 403
    stranger = httpx.Client(base_url=running.http.base_url, trust_env=False)
    assert stranger.get("/admin/queues").status_code == 302
    assert stranger.get("/admin/queues/api/queues").status_code == 401
    for client in (member, stranger):
        client.close()


def test_finished_streams_leave_nothing_behind_for_long(running: Any) -> None:
    """No subscriber, and every helper key expires."""
    import redis

    flow, chat = running.flow({}), str(uuid.uuid4())
    running.stream(flow, chatId=chat)
    with redis.Redis.from_url(running.redis_url, decode_responses=True) as client:
        deadline = time.monotonic() + 3
        while client.pubsub_numsub(chat)[0][1] and time.monotonic() < deadline:
            time.sleep(0.02)
        assert client.pubsub_numsub(chat)[0][1] == 0
        helpers = list(client.scan_iter("flowise:*"))
        assert helpers
        assert all(client.ttl(key) > 0 for key in helpers)


def test_many_streams_at_once_are_each_complete(running: Any) -> None:
    """Two workers, twenty clients, every event of each in order."""
    flow = running.flow(*({"pause_ms": 5} for _ in range(5)))
    barrier = threading.Barrier(10)

    def one(_: int) -> list[tuple[str, Any]]:
        barrier.wait()
        told: list[tuple[str, Any]] = running.stream(flow)
        return told

    with ThreadPoolExecutor(10) as pool:
        streams = list(pool.map(one, range(20)))
    labels = ["Start", *(f"tick-{n}" for n in range(5))]
    whole = [(label, status) for label in labels for status in ("INPROGRESS", "FINISHED")]
    assert [statuses(told) for told in streams] == [whole] * 20
    assert {told[-1][0] for told in streams} == {"end"}
