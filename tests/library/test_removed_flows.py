"""Flows that somebody else removes in mid-run: the target, which says so, is accused of nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from queueproof.config.model import Credentials
from queueproof.history import History
from queueproof.probe import Probe
from queueproof.targets.flowise import FlowiseAdapter
from queueproof.targets.langflow import LangflowAdapter
from queueproof.targets.protocol import Role
from queueproof.targets.vantage import Vantage

URL = "http://target.test"
GIVEN = Credentials(username="somebody", password="a-password-of-theirs")
NOT_FOUND = httpx.Response(404, json={"detail": "Flow not found"})


class Target:
    """Knows flows, and takes jobs of those that it knows; `forgets` jobs' flows, yet shows them."""

    def __init__(self) -> None:
        self.flows: dict[str, str] = {}
        self.forgets = False
        self.made = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/").strip("/")
        if path in ("flows", "chatflows") and request.method == "POST":
            self.made += 1
            self.flows[f"flow-{self.made}"] = json.loads(request.content)["name"]
            code = 201 if path == "flows" else 200
            return httpx.Response(code, json={"id": f"flow-{self.made}"})
        kind, _, rest = path.partition("/")
        if kind in ("flows", "chatflows"):
            return httpx.Response(200, json={}) if rest in self.flows else NOT_FOUND
        if path.startswith("custom_component"):
            return httpx.Response(200, json={"data": {"template": {"code": {}}}, "type": "P"})
        if rest.partition("/")[0] not in self.flows or self.forgets:
            return NOT_FOUND
        return httpx.Response(200, json={"job_id": "a-job", "text": "done"})


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    answers = Target()
    plain = httpx.AsyncClient
    monkeypatch.setattr(
        "queueproof.targets.vantage.httpx.AsyncClient",
        lambda **given: plain(base_url=given["base_url"], transport=httpx.MockTransport(answers)),
    )
    return answers


async def _langflow(vantage: Vantage) -> tuple[Any, Callable[[], Any]]:
    adapter = LangflowAdapter(GIVEN, witness=None, now_s=History().now_s)
    adapter._account.tokens.give(Role.USER, "a-token-that-nobody-gave")
    adapter._account._removed_flows.may_be_at(URL)
    await adapter._account._make_probe_flow(vantage, 1.0)
    return adapter, lambda: adapter.submit(
        vantage, Probe(ticks=1), key="k", role=Role.USER, within_s=1.0
    )


async def _flowise(vantage: Vantage) -> tuple[Any, Callable[[], Any]]:
    adapter = FlowiseAdapter(GIVEN, witness=None, now_s=History().now_s)
    adapter._account._headers[Role.USER] = {"Cookie": "token=a-token-that-nobody-gave"}
    adapter._account._removed_flows.may_be_at(URL)
    await adapter.ready(vantage, Probe(ticks=1))
    return adapter, lambda: adapter.predict(
        vantage, Probe(ticks=1), key="k", job_id="j", within_s=1.0
    )


@pytest.mark.parametrize("made", [_langflow, _flowise])
def test_a_flow_that_is_gone_is_made_anew_once_and_that_is_told(target: Target, made: Any) -> None:
    async def play() -> None:
        vantage = Vantage(URL)
        adapter, submit = await made(vantage)
        assert (await submit()).status == 200
        target.flows.clear()

        replies = await asyncio.gather(*(submit() for _ in range(4)))

        assert {reply.status for reply in replies} == {200}
        assert target.made == 2
        [remark] = adapter.remarks
        assert "somebody removed it, or it was lost" in remark
        assert "flow-1" not in str(adapter.left_behind)
        await vantage.close()

    asyncio.run(play())


@pytest.mark.parametrize("made", [_langflow, _flowise])
def test_a_target_that_forgets_a_flow_which_is_there_is_not_forgiven(
    target: Target, made: Any
) -> None:
    async def play() -> None:
        vantage = Vantage(URL)
        adapter, submit = await made(vantage)
        target.forgets = True

        reply = await submit()

        assert reply.status == 404
        assert target.made == 1
        assert adapter.remarks == ()
        await vantage.close()

    asyncio.run(play())
