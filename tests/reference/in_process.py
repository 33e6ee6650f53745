"""The reference's web application in this process, on the in-memory queue, and a client of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from reference_impl.langflow import boot
from reference_impl.langflow.application import Application
from reference_impl.langflow.settings import load

SOURCE = """
import asyncio
from lfx.custom import Component
from lfx.io import Output
from lfx.schema import Data

class Probe(Component):
    display_name = "probe"
    inputs = []
    outputs = [Output(display_name="Out", name="out", method="run_probe")]

    async def run_probe(self) -> Data:
        for i in range(TICKS):
            self.log(f"tick-{i}", name=f"tick-{i}")
            await asyncio.sleep(INTERVAL)
        if FAIL:
            raise ValueError("failed as asked")
        return Data(data={"ticks": TICKS})
"""
Scenario = Callable[["Client"], Awaitable[None]]


class Client:
    """A logged-in user of the application."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.http.get(f"/api/v1{path}", params=params, headers=self.headers)

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.http.post(f"/api/v1{path}", json=body, headers=self.headers)

    async def submit(
        self, *, ticks: int = 3, interval_s: float = 0, fail: bool = False, source: str = SOURCE
    ) -> str:
        """Start a probe; return its job ID."""
        code = source.replace("TICKS", str(ticks)).replace("INTERVAL", str(interval_s))
        made = (
            await self.post("/custom_component", {"code": code.replace("FAIL", str(fail))})
        ).json()
        node = {"id": "n", "data": {"id": "n", "type": made["type"], "node": made["data"]}}
        flow = await self.post("/flows/", {"name": "f", "data": {"nodes": [node], "edges": []}})
        assert flow.status_code == 201
        built = await self.post(f"/build/{flow.json()['id']}/flow", {})
        assert built.status_code == 200
        return str(built.json()["job_id"])

    async def stream(self, job_id: str) -> list[str]:
        """Names of the events of a stream."""
        answer = await self.get(f"/build/{job_id}/events", event_delivery="streaming")
        assert answer.headers["content-type"] == "application/x-ndjson"
        return names(answer.text)

    async def poll(self, job_id: str, **params: str) -> httpx.Response:
        return await self.get(f"/build/{job_id}/events", event_delivery="polling", **params)


def names(text: str) -> list[str]:
    """Event names; a log event by its own name."""
    events = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [e["data"]["name"] if e["event"] == "log" else e["event"] for e in events]


def whole(ticks: int) -> list[str]:
    """The events of a probe that went well."""
    logs = [f"tick-{i}" for i in range(ticks)]
    return ["vertices_sorted", "build_start", *logs, "end_vertex", "end"]


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask until it holds; fail after five seconds."""
    async with asyncio.timeout(5):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def serving(folder: Path, **environ: str) -> AsyncIterator[httpx.AsyncClient]:
    """The application, started and stopped as a server would."""
    settings = load(
        {
            "LANGFLOW_CONFIG_DIR": str(folder),
            "LANGFLOW_SUPERUSER": "root",
            "LANGFLOW_SUPERUSER_PASSWORD": "secret",
            "LANGFLOW_AUTO_LOGIN": "false",
            "REFERENCE_DRAIN_S": "0",
            **environ,
        }
    )
    await boot.make_ready(settings)
    application = Application(settings)
    await application.start()
    transport = httpx.ASGITransport(app=application)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield http
    finally:
        assert application.worker is not None
        await application.worker.stop()


async def login(
    http: httpx.AsyncClient, username: str = "root", password: str = "secret"
) -> Client:
    """A client with a token."""
    form = {"username": username, "password": password}
    answer = await http.post("/api/v1/login", data=form)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    return Client(http, answer.json()["access_token"])


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., None]:
    """Run a scenario against a fresh application."""

    def run(scenario: Scenario, **environ: str) -> None:
        async def main() -> None:
            async with serving(tmp_path, **environ) as http:
                await scenario(await login(http))

        asyncio.run(main())

    return run
