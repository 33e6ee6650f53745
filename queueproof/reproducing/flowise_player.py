"""Plays recorded steps against a Flowise and says whether the same thing goes wrong.

Needs Python 3.11 and httpx, nothing else. queueproof carries this file behind `player_core` as the
body of every stand-alone script for Flowise; `CASE` is then the recorded failure.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
import uuid
from typing import Any

import httpx

from queueproof.reproducing.player_core import (
    PATIENCE_S,
    Seen,
    announce,
    ask_for,
    client_of,
    conclude,
    delivery,
    expected_ticks,
    play_all,
    run_with,
    tell,
    timed,
)
from queueproof.targets.flowise.wire import (
    ABORT,
    END,
    ERROR,
    FAILED,
    FINISHED,
    FLOWS,
    INTERNAL,
    LOGIN,
    NODE,
    REGISTER,
    TERMINATED,
    TICK_LABEL,
    WHOLE_FLOW,
    abort_path,
    prediction_body,
    prediction_path,
)

CASE: dict[str, Any] = {}

STEP = """
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
if (step.delay_ms) await sleep(step.delay_ms);
if (step.fail) throw new Error('failed as asked');
for (const until = Date.now() + step.block_ms; Date.now() < until; ) {}
if (step.pause_ms) await sleep(step.pause_ms);
return 'tick-' + step.tick + '.'.repeat(step.padding);
"""
OF_THE_FLOW = {FAILED: "error", TERMINATED: "cancelled"}
NAMED = {ERROR: "error", END: "end", ABORT: "cancelled"}


def symptoms(
    steps: list[dict[str, Any]], seen: list[dict[str, Any]], probes: dict[str, dict[str, Any]]
) -> list[str]:
    """What is wrong with what the steps saw, in words that name the kind of request."""
    found: list[str] = []
    asked = {step["job"] for step in steps if step["kind"] in ("submit", "predict")}
    for step, o in zip(steps, seen, strict=True):
        if step["kind"] == "by_hand":
            continue
        if step["job"] not in asked or not step["job"]:
            found += of_nothing(step["kind"], o)
        elif step.get("tidy"):
            continue
        elif step["kind"] == "stream":
            found += of_stream(o, probes[step["job"]])
        else:
            found += of_answer(step["kind"], o, probes[step["job"]])
    return list(dict.fromkeys(found))


def of_nothing(kind: str, o: dict[str, Any]) -> list[str]:
    """A request about a flow or a job that never existed, which must be refused."""
    what = "an abort of a job that never existed" if kind == "cancel" else "an unknown flow"
    if not o["answered"]:
        return [f"{what}: no answer"]
    return [f"{what}: a success is claimed"] if o["status"] < 400 else []


def of_answer(kind: str, o: dict[str, Any], probe: dict[str, Any]) -> list[str]:
    """A prediction that is waited for, the beginning of a streamed one, or an abort."""
    what = {"predict": "a prediction", "submit": "a streamed prediction", "cancel": "an abort"}
    if not o["answered"]:
        in_time = kind == "predict" and took_s(o) < patience_s(probe)
        return [] if in_time else [f"{what[kind]} is not answered"]
    meant = kind == "predict" and probe.get("fail_at") is not None
    refused = o["status"] >= 400 and not meant
    return [f"{what[kind]} gets {o['status']}"] if refused else []


def of_stream(o: dict[str, Any], probe: dict[str, Any]) -> list[str]:
    """The answer to a streamed prediction, read to its end or for as long as it was then."""
    complete = o["endings"] == ["end"]
    words = delivery(o["ticks"], expected_ticks(probe), complete)
    if o["closed"] and not o["endings"]:
        words.append("ends without saying how")
    if not o["endings"] and not o["closed"] and took_s(o) > patience_s(probe):
        words.append("does not tell the end")
    return [f"a stream {each}" for each in words]


def took_s(o: dict[str, Any]) -> float:
    """How long a step was watched."""
    return float(o["ended_s"] - o["began_s"])


def patience_s(probe: dict[str, Any]) -> float:
    """How long a job of this probe may take before it is late."""
    extra = ("slow_start_s", "quiet_s", "block_s")
    natural_s = probe["ticks"] * probe["interval_s"] + sum(probe.get(name) or 0 for name in extra)
    return float(1.5 * natural_s + PATIENCE_S)


def graph(probe: dict[str, Any]) -> dict[str, Any]:
    """An agent flow: a start, and a custom function for each tick."""
    nodes = [node("startAgentflow_0", "Start", "startAgentflow", {"startInputType": "chatInput"})]
    for number in range(probe["ticks"]):
        source = f"const step = {json.dumps(parameters(number, probe))};{STEP}"
        inputs = {"customFunctionJavascriptFunction": source, "customFunctionInputVariables": ""}
        name = "customFunctionAgentflow"
        nodes.append(node(f"{name}_{number}", f"{TICK_LABEL}{number}", name, inputs))
    edges = [edge(one["id"], other["id"]) for one, other in itertools.pairwise(nodes)]
    return {"nodes": nodes, "edges": edges, "viewport": {"x": 0, "y": 0, "zoom": 1}}


def parameters(number: int, probe: dict[str, Any]) -> dict[str, Any]:
    """What one tick does."""
    quiet_s = probe.get("quiet_s") or 0 if probe.get("quiet_after") == number else 0
    return {
        "tick": number,
        "delay_ms": round(1000 * (probe.get("slow_start_s") or 0)) if number == 0 else 0,
        "fail": probe.get("fail_at") == number,
        "block_ms": round(1000 * probe["block_s"]) if probe.get("block_at") == number else 0,
        "pause_ms": round(1000 * (probe["interval_s"] + quiet_s)),
        "padding": probe.get("payload_bytes") or 0,
    }


def node(key: str, label: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """One node as the canvas stores it."""
    kind = "Start" if name.startswith("start") else "CustomFunction"
    lists: dict[str, list[Any]] = {
        each: [] for each in ("inputParams", "inputAnchors", "outputAnchors")
    }
    data = {"id": key, "label": label, "name": name, "type": kind, "version": 1, "inputs": inputs}
    more = {"baseClasses": [kind], "category": "Agent Flows", "outputs": {}, **lists}
    return {
        "id": key,
        "type": "agentFlow",
        "position": {"x": 0, "y": 0},
        "data": {**data, **more},
    }


def edge(source: str, target: str) -> dict[str, Any]:
    """One edge as the canvas stores it."""
    return {
        "id": f"{source}-{target}",
        "type": "agentFlow",
        "source": source,
        "sourceHandle": f"{source}-output",
        "target": target,
        "targetHandle": target,
    }


class Reader:
    """The answer to one streamed prediction, read in the background from its first byte."""

    def __init__(self) -> None:
        self.ticks: list[int] = []
        self.endings: list[str] = []
        self.closed = False
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def read(self, client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
        """Until the answer ends or breaks."""
        try:
            async with client.stream("POST", path, json=body, timeout=None) as answer:
                self.status.set_result(answer.status_code)
                async for line in answer.aiter_lines():
                    if line.startswith("data:"):
                        self.hear(line[5:])
                self.closed = True
        except httpx.HTTPError as error:
            if not self.status.done():
                self.status.set_exception(error)

    def hear(self, data: str) -> None:
        """One event."""
        try:
            event = json.loads(data)
            name, told = event["event"], event.get("data")
        except (ValueError, KeyError, TypeError):
            return
        if name == NODE and isinstance(told, dict):
            number = str(told.get("nodeLabel", "")).removeprefix(TICK_LABEL)
            if told.get("status") == FINISHED and number.isdigit():
                self.ticks.append(int(number))
            elif told.get("status") == FAILED:
                self.endings.append("error")
        elif name == WHOLE_FLOW and told in OF_THE_FLOW:
            self.endings.append(OF_THE_FLOW[str(told)])
        elif name in NAMED:
            self.endings.append(NAMED[name])


class Flowise:
    """A deployment, the flows made on it, and the predictions under way."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.headers: dict[str, str] = {}
        self.flows: dict[str, str] = {}
        self.chats: dict[str, str] = {}
        self.readers: dict[str, tuple[Reader, asyncio.Task[None]]] = {}

    async def log_in(self) -> None:
        """By FLOWISE_TOKEN (an API key), or by FLOWISE_EMAIL and FLOWISE_PASSWORD.

        A deployment without an account gets this one.
        """
        if token := os.environ.get("FLOWISE_TOKEN"):
            self.headers = {"Authorization": f"Bearer {token}"}
            return
        email = os.environ.get("FLOWISE_EMAIL", "")
        password = os.environ.get("FLOWISE_PASSWORD", "")
        login = {"email": email, "password": password}
        user = {"name": "reproduction", "email": email, "credential": password}
        answer = await self.client.post(LOGIN, json=login, headers=INTERNAL)
        if not answer.is_success:
            await self.client.post(REGISTER, json={"user": user})
            answer = await self.client.post(LOGIN, json=login, headers=INTERNAL)
        cookies = re.findall(
            r"(?:^|,\s*)(token|refreshToken|connect\.sid)=([^;,\s]+)",
            answer.raise_for_status().headers.get("set-cookie", ""),
        )
        self.headers = {**INTERNAL, "Cookie": "; ".join(f"{k}={v}" for k, v in cookies)}

    async def make_flows(self) -> None:
        """One flow a job, made before the first step."""
        for job, probe in CASE["probes"].items():
            body = {
                "name": f"reproduction {uuid.uuid4().hex[:8]}",
                "type": "AGENTFLOW",
                "flowData": json.dumps(graph(probe)),
                "deployed": True,
                "isPublic": True,
            }
            made = await self.client.post(FLOWS, json=body, headers=self.headers)
            self.flows[job] = made.raise_for_status().json()["id"]

    async def tidy(self) -> None:
        """Leave the streams and remove the flows."""
        for _, task in self.readers.values():
            task.cancel()
        for flow in self.flows.values():
            await self.client.delete(f"{FLOWS}/{flow}", headers=self.headers)

    def place(self, job: str) -> str:
        """Where predictions of a job's flow are asked for; an unknown flow for no job."""
        return prediction_path(self.flows.get(job, str(uuid.uuid4())))

    def body(self, job: str, *, streaming: bool) -> dict[str, Any]:
        """The body of a prediction; its chat is how an abort names it."""
        chat = self.chats.setdefault(job, str(uuid.uuid4()))
        return prediction_body("reproduction", chat, streaming=streaming)

    async def play(self, step: dict[str, Any]) -> Seen:
        """One step."""
        seen = Seen()
        return await timed(step, seen, getattr(self, step["kind"])(step, seen))

    async def predict(self, step: dict[str, Any], seen: Seen) -> None:
        """A prediction that is waited for."""
        answer = await self.client.post(
            self.place(step["job"]),
            json=self.body(step["job"], streaming=False),
            timeout=step["within_s"],
        )
        seen.answered, seen.status = True, answer.status_code

    async def submit(self, step: dict[str, Any], seen: Seen) -> None:
        """A streamed prediction begins; without a job, it is one of an unknown flow."""
        if not step["job"]:
            return await self.predict(step, seen)
        seen.status = await self.open(step["job"])
        seen.answered = True
        return None

    async def stream(self, step: dict[str, Any], seen: Seen) -> None:
        """The rest of a streamed prediction."""
        if step["job"] not in self.readers:
            seen.status = await self.open(step["job"])
        reader, reading = self.readers[step["job"]]
        seen.answered, seen.status = True, await reader.status
        try:
            await asyncio.shield(reading)
        finally:
            seen.ticks, seen.endings = list(reader.ticks), list(reader.endings)
            seen.closed = reader.closed

    async def open(self, job: str) -> int:
        """Begin to read a streamed prediction; its status."""
        reader = Reader()
        reading = reader.read(self.client, self.place(job), self.body(job, streaming=True))
        self.readers[job] = (reader, asyncio.create_task(reading))
        return await asyncio.shield(reader.status)

    async def cancel(self, step: dict[str, Any], seen: Seen) -> None:
        """Abort the job."""
        flow = self.flows.get(step["job"], str(uuid.uuid4()))
        chat = self.chats.get(step["job"], str(uuid.uuid4()))
        path = abort_path(flow, chat)
        answer = await self.client.put(path, headers=self.headers, timeout=step["within_s"])
        seen.answered, seen.status = True, answer.status_code

    async def by_hand(self, step: dict[str, Any], seen: Seen) -> None:
        """A fault."""
        await ask_for(step, seen)


async def main(url: str) -> int:
    """Play the record once; see the exit codes above."""
    announce(CASE)
    async with client_of(url) as client:
        target = Flowise(client)
        await target.log_in()
        try:
            await target.make_flows()
            seen = [vars(each) for each in await play_all(CASE["steps"], target.play)]
        finally:
            await target.tidy()
    for step, now in zip(CASE["steps"], seen, strict=True):
        tell(step, now)
    return conclude(CASE["symptoms"], symptoms(CASE["steps"], seen, CASE["probes"]))


def run(arguments: list[str]) -> int:
    """See `run_with`."""
    return run_with(main, arguments)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
