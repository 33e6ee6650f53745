"""Plays recorded steps against a Langflow and says whether the same thing goes wrong.

Needs Python 3.11 and httpx, nothing else. queueproof carries this file behind `player_core` as the
body of every stand-alone script for Langflow; `CASE` is then the recorded failure.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
import time
import uuid
from typing import Any

import httpx

from queueproof.reproducing.player_core import (
    ANSWER_S,
    CANNOT_TELL,
    OVER,
    PATIENCE_S,
    Seen,
    announce,
    ask_for,
    client_of,
    conclude,
    delivery,
    expected_ticks,
    front_headers,
    play_all,
    run_with,
    tell,
    timed,
)
from queueproof.targets.langflow.wire import (
    AUTO_LOGIN,
    COMPONENT,
    FLOWS,
    HEALTH,
    LOG,
    LOGIN,
    POLLING,
    STREAMING,
    TICK,
    cancel_path,
    events_path,
    submit_path,
)

CASE: dict[str, Any] = {}

MOST_CONNECTIONS = 60

SOURCE = """
import asyncio, json, os, socket, time
from {package}.custom import Component
from {package}.io import Output
from {package}.schema import Data

PROBE = json.loads({probe!r})
_cold_start = time.sleep(PROBE.get("slow_start_s", 0))

class NumberedTicks(Component):
    display_name = "numbered ticks"
    name = "NumberedTicks"
    inputs = []
    outputs = [Output(display_name="Ticks", name="ticks", method="tick")]

    async def tick(self) -> Data:
        self.log(socket.gethostname() + "-" + str(os.getpid()), name="worker")
        for number in range(PROBE["ticks"]):
            if number == PROBE.get("fail_at"):
                raise RuntimeError("" if PROBE.get("fail_silently") else "failed as asked")
            if number == PROBE.get("block_at"):
                time.sleep(PROBE["block_s"])
            self.log("tick-" + str(number) + "." * PROBE.get("payload_bytes", 0),
                     name="tick-" + str(number))
            await asyncio.sleep(PROBE["interval_s"])
            if number == PROBE.get("quiet_after"):
                await asyncio.sleep(PROBE["quiet_s"])
        return Data(data={{"ticks": PROBE["ticks"]}})
"""


class Heard(Seen):
    """What one step observed, of Langflow's lines of events."""

    def hear(self, line: str) -> str:
        """Take one line of events in; returns the worker's name where the line tells it."""
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            event = json.loads(line)
            data = event.get("data") or {}
            name = str(data.get("name", "")) if event["event"] == LOG else ""
            if tick := TICK.match(name):
                self.ticks.append(int(tick[1]))
            elif name == "worker":
                return str(data.get("message", ""))
            elif event["event"] in OVER:
                self.endings.append(event["event"])
        return ""


def symptoms(
    steps: list[dict[str, Any]], seen: list[dict[str, Any]], probes: dict[str, dict[str, Any]]
) -> list[str]:
    """What is wrong with what the steps saw, in words that name the kind of reader."""
    found: list[str] = []
    for job, probe in probes.items():
        mine = [(s, o) for s, o in zip(steps, seen, strict=True) if s["job"] == job]
        ticks = expected_ticks(probe)
        ends = [o["ended_s"] for _, o in mine if "end" in o["endings"]]
        found += _polling(mine, ticks)
        for step, o in mine:
            if step["kind"] == "stream":
                found += _streaming(o, ticks, min(ends, default=None))
            if step["kind"] != "by_hand" and not step.get("tidy"):
                found += _answers(step["kind"], o)
    return list(dict.fromkeys(found))


def _answers(kind: str, o: dict[str, Any]) -> list[str]:
    if not o["answered"]:
        return [f"a {kind} is not answered"]
    refused = (o["status"] or 0) >= 400 and o["status"] != 410
    return [f"a {kind} is refused with {o['status']}"] if refused else []


def _polling(mine: list[tuple[dict[str, Any], dict[str, Any]]], ticks: range) -> list[str]:
    """All polls of a job are one reader; those after its end must tell of the end again."""
    got: list[int] = []
    ended, found = False, []
    for o in (o for step, o in mine if step["kind"] == "poll"):
        if ended and not o["endings"] and o["status"] != 410:
            found.append("a poll after the end does not tell of the end")
        if not ended:
            got += o["ticks"]
        ended = ended or bool(o["endings"])
    complete = any("end" in o["endings"] for step, o in mine if step["kind"] == "poll")
    return found + [f"polling {words}" for words in delivery(got, ticks, complete)]


def _streaming(o: dict[str, Any], ticks: range, over_s: float | None) -> list[str]:
    """Every stream of a job is a reader of its own and ends when the job does."""
    hangs = over_s is not None and not o["closed"] and o["ended_s"] > over_s + PATIENCE_S
    complete = over_s is not None and (o["closed"] or hangs)
    found = [f"a stream {words}" for words in delivery(o["ticks"], ticks, complete)]
    if hangs:
        found.append("a stream goes on after the end of the job")
    if o["status"] == 200 and o["closed"] and not o["endings"]:
        found.append("a stream ends without saying how")
    return found


class Langflow:
    """A deployment, the flow made on it, and connections sorted by the worker behind them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers: dict[str, str] = {}
        self.flow = self.package = ""
        self.node: dict[str, Any] = {}
        self.workers: dict[str, asyncio.Queue[httpx.AsyncClient]] = {}
        self.jobs: dict[str, str] = {}

    def connection(self) -> httpx.AsyncClient:
        """A client with exactly one kept-alive connection, hence one worker behind it."""
        only = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
        return client_of(self.url, limits=only)

    async def log_in(self, client: httpx.AsyncClient) -> None:
        """By LANGFLOW_API_KEY, LANGFLOW_TOKEN, LANGFLOW_USERNAME and its password, or alone."""
        if key := os.environ.get("LANGFLOW_API_KEY"):
            self.headers = {"x-api-key": key}
            return
        token, name = os.environ.get("LANGFLOW_TOKEN"), os.environ.get("LANGFLOW_USERNAME")
        if not token:
            form = {"username": name, "password": os.environ.get("LANGFLOW_PASSWORD", "")}
            answer = await client.post(LOGIN, data=form) if name else await client.get(AUTO_LOGIN)
            token = answer.raise_for_status().json()["access_token"]
        # Where a front has the Authorization header, a token goes as the web client's cookie.
        beside = "Authorization" in front_headers()
        cookie = {"Cookie": f"access_token_lf={token}"}
        self.headers = cookie if beside else {"Authorization": f"Bearer {token}"}

    async def make_flow(self, client: httpx.AsyncClient) -> None:
        """One custom component that emits numbered log events, in a flow of its own."""
        for self.package in ("lfx", "langflow"):
            body = {"code": self.source({"ticks": 1, "interval_s": 0})}
            made = await client.post(COMPONENT, json=body, headers=self.headers)
            if made.is_success:
                break
        self.node = made.raise_for_status().json()
        flow = {
            "name": f"reproduction {uuid.uuid4().hex[:8]}",
            "data": self.graph({"ticks": 1, "interval_s": 0}),
        }
        made = await client.post(FLOWS, json=flow, headers=self.headers)
        self.flow = made.raise_for_status().json()["id"]

    def source(self, probe: dict[str, Any]) -> str:
        """The component that does what `probe` says."""
        return SOURCE.format(package=self.package, probe=json.dumps(probe))

    def graph(self, probe: dict[str, Any]) -> dict[str, Any]:
        """A flow of that one component."""
        node = self.node["data"]
        code = {**node["template"]["code"], "value": self.source(probe)}
        node = {**node, "template": {**node["template"], "code": code}}
        inner = {"id": "Ticks-1", "type": self.node.get("type", "NumberedTicks"), "node": node}
        outer = {
            "id": "Ticks-1",
            "type": "genericNode",
            "position": {"x": 0, "y": 0},
            "data": inner,
        }
        return {"nodes": [outer], "edges": [], "viewport": {"x": 0, "y": 0, "zoom": 1}}

    async def build(self, client: httpx.AsyncClient, probe: dict[str, Any]) -> httpx.Response:
        """POST /api/v1/build/{flow}/flow."""
        return await client.post(
            submit_path(self.flow),
            json={"data": self.graph(probe)},
            headers=self.headers,
        )

    async def worker_behind(self, client: httpx.AsyncClient) -> str:
        """Which process is behind a connection: a job submitted through it runs there."""
        job = (await self.build(client, {"ticks": 1, "interval_s": 0})).raise_for_status()
        seen, name = Heard(), ""
        path = events_path(job.json()["job_id"])
        until = time.monotonic() + ANSWER_S
        while not name and not seen.endings and time.monotonic() < until:
            answer = await client.get(path, params=POLLING, headers=self.headers)
            for line in answer.raise_for_status().text.splitlines():
                name = seen.hear(line) or name
            await asyncio.sleep(0.03)
        return name

    async def sort_connections(self, needed: dict[str, int]) -> bool:
        """Open connections until every worker of the record has as many as it needs.

        Idle workers do not share new connections evenly, often one takes them all: those that
        have enough are kept busy while the next one is opened.
        """
        found: dict[str, list[httpx.AsyncClient]] = {}
        labels = sorted(needed, key=lambda worker: -needed[worker])
        for _ in range(MOST_CONNECTIONS):
            client = self.connection()
            few = len(found) < len(labels)
            enough = [p[0] for p in found.values() if few or len(p) >= needed[labels[0]]]
            busy = [asyncio.create_task(self.occupy(each)) for each in enough]
            await asyncio.sleep(0.01)
            await client.get(HEALTH)
            await asyncio.gather(*busy)
            found.setdefault(await self.worker_behind(client), []).append(client)
            pools = sorted(found.values(), key=len, reverse=True)
            if len(pools) >= len(labels) and all(
                len(pool) >= needed[label] for label, pool in zip(labels, pools, strict=False)
            ):
                break
        else:
            print(f"needs {needed} connections by worker, found {list(map(len, pools))}")
            return False
        for label, pool in zip(labels, pools, strict=False):
            self.workers[label] = asyncio.Queue()
            for client in pool:
                self.workers[label].put_nowait(client)
        return True

    async def occupy(self, client: httpx.AsyncClient) -> None:
        """Have the worker behind a connection compile something."""
        body = {"code": self.source({"ticks": 1, "interval_s": 0})}
        await client.post(COMPONENT, json=body, headers=self.headers)

    async def tidy(self, client: httpx.AsyncClient) -> None:
        """Remove the flow again."""
        if self.flow:
            await client.delete(f"{FLOWS}{self.flow}", headers=self.headers)


async def play(target: Langflow, step: dict[str, Any]) -> Seen:
    """One step."""
    seen = Heard()
    return await timed(step, seen, PLAY[step["kind"]](target, step, seen))


@contextlib.asynccontextmanager
async def through(target: Langflow, worker: str, seen: Heard) -> Any:
    """A connection to one worker, nobody else's meanwhile; a broken one is not lent again."""
    pool = target.workers[worker]
    seen.starved = True
    client = await pool.get()
    seen.starved = False
    yield client
    pool.put_nowait(client)


async def submit(target: Langflow, step: dict[str, Any], seen: Heard) -> None:
    """Start the job."""
    async with through(target, step["workers"][0], seen) as client:
        answer = await target.build(client, CASE["probes"][step["job"]])
    seen.answered, seen.status = True, answer.status_code
    if answer.is_success:
        target.jobs[step["job"]] = answer.json()["job_id"]


async def poll(target: Langflow, step: dict[str, Any], seen: Heard) -> None:
    """Poll by the recorded turns of workers, until the end, a tick, or so many times."""
    for number, worker in enumerate(itertools.cycle(step["workers"]), 1):
        seen.answered = False
        async with through(target, worker, seen) as client:
            answer = await client.get(
                events_path(target.jobs[step["job"]]),
                params=POLLING,
                headers=target.headers,
                timeout=step["within_s"],
            )
        seen.answered, seen.status = True, answer.status_code
        for line in answer.text.splitlines():
            seen.hear(line)
        far = max(seen.ticks, default=-1) >= step.get("until_tick", float("inf"))
        if seen.endings or answer.status_code != 200 or far or number == step.get("polls"):
            return
        await asyncio.sleep(0.03)


async def stream(target: Langflow, step: dict[str, Any], seen: Heard) -> None:
    """Read the job's stream to its end."""
    async with (
        through(target, step["workers"][0], seen) as client,
        client.stream(
            "GET",
            events_path(target.jobs[step["job"]]),
            params=STREAMING,
            headers=target.headers,
            timeout=step["within_s"],
        ) as answer,
    ):
        seen.answered, seen.status = True, answer.status_code
        async for line in answer.aiter_lines():
            seen.hear(line)
        seen.closed = True


async def cancel(target: Langflow, step: dict[str, Any], seen: Heard) -> None:
    """Cancel the job."""
    async with through(target, step["workers"][0], seen) as client:
        path = cancel_path(target.jobs[step["job"]])
        answer = await client.post(path, headers=target.headers)
    seen.answered, seen.status = True, answer.status_code


async def by_hand(target: Langflow, step: dict[str, Any], seen: Heard) -> None:
    """A fault."""
    await ask_for(step, seen)


PLAY = {"submit": submit, "poll": poll, "stream": stream, "cancel": cancel, "by_hand": by_hand}


async def main(url: str) -> int:
    """Play the record once; see the exit codes above."""
    announce(CASE)
    target = Langflow(url)
    async with target.connection() as client:
        await target.log_in(client)
        await target.make_flow(client)
        try:
            if not await target.sort_connections(CASE["connections"]):
                return CANNOT_TELL
            played = await play_all(CASE["steps"], lambda step: play(target, step))
            seen = [vars(each) for each in played]
        finally:
            await target.tidy(client)
    for step, now in zip(CASE["steps"], seen, strict=True):
        tell(step, now)
    if any(now["starved"] for now in seen):
        print("a step found no connection to its worker: run it again")
        return CANNOT_TELL
    return conclude(CASE["symptoms"], symptoms(CASE["steps"], seen, CASE["probes"]))


def run(arguments: list[str]) -> int:
    """See `run_with`."""
    return run_with(main, arguments)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
