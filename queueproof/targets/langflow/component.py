"""The probe as a Langflow component: Python source, generated for each job.

Langflow builds whatever component source the graph carries, so the probe's parameters travel
inside it. Two facts of the real system shape the template. The first event follows the
execution of the module, so a sleep at module level is a slow cold start; it must stand in an
assignment, since bare statements are not executed. And `self.log` makes one event a call.
"""

from __future__ import annotations

import json
from typing import Any

from queueproof.probe import Probe
from queueproof.targets.witness_address import stream_of

COMPONENT_NAME = "QueueproofProbe"
NODE_ID = f"{COMPONENT_NAME}-probe"

_SOURCE = '''
import asyncio
import json
import os
import time
import uuid

from {package}.custom import Component
from {package}.io import Output
from {package}.schema import Data

PROBE = json.loads({parameters!r})
_cold_start = time.sleep(PROBE["slow_start_s"])


async def _witness(tick):
    """Tell the witness, outside the queue, that this tick happened."""
    if PROBE["stream"]:
        # In the Redis client a cancel that meets a reply is lost, and the job would go on.
        return await asyncio.shield(_tell_through_redis(tick))
    reader, writer = await asyncio.open_connection(PROBE["host"], PROBE["port"])
    writer.write(f"GET /{{PROBE['key']}}/{{tick}} HTTP/1.0\\r\\n\\r\\n".encode())
    await writer.drain()
    await reader.read()
    writer.close()


async def _tell_through_redis(tick):
    """Tell it through the queue's Redis, as this worker reaches it, and wait until it has heard."""
    heard = uuid.uuid4().hex
    told = {{"key": PROBE["key"], "tick": tick, "heard": heard}}
    try:
        from redis.asyncio import Redis

        url, within_s = _redis_url(), {{"socket_timeout": 4, "socket_connect_timeout": 2}}
        async with Redis.from_url(url, **within_s) as redis:
            # It makes no stream: one that nobody reads would stay there.
            if await redis.xadd(PROBE["stream"], told, nomkstream=True, maxlen=100000):
                await redis.blpop([PROBE["stream"] + ":" + heard], timeout=2)
    except Exception:
        return


def _redis_url():
    """The queue's Redis, by this worker's own settings: none of them travels."""
    said = os.environ.get
    host = said("LANGFLOW_REDIS_QUEUE_HOST") or said("LANGFLOW_REDIS_HOST") or "localhost"
    port = said("LANGFLOW_REDIS_QUEUE_PORT") or said("LANGFLOW_REDIS_PORT") or "6379"
    index = said("LANGFLOW_REDIS_QUEUE_DB") or "1"
    return said("LANGFLOW_REDIS_QUEUE_URL") or "redis://" + host + ":" + port + "/" + index


class QueueproofProbe(Component):
    display_name = "queueproof probe"
    description = "Numbered ticks; made and removed by queueproof."
    name = "QueueproofProbe"
    inputs = []
    outputs = [Output(display_name="Ticks", name="ticks", method="tick")]

    async def tick(self) -> Data:
        for number in range(PROBE["ticks"]):
            words = PROBE["words"][number % len(PROBE["words"])] if PROBE["words"] else ""
            if number == PROBE["fail_at"]:
                raise RuntimeError(PROBE["failure"] + words)
            if number == PROBE["block_at"]:
                time.sleep(PROBE["block_s"])
            if PROBE["key"]:
                await _witness(number)
            name = "tick-" + str(number)
            self.log(name + "." * PROBE["padding"] + words, name=name)
            await asyncio.sleep(PROBE["interval_s"])
            if number == PROBE["quiet_after"]:
                await asyncio.sleep(PROBE["quiet_s"])
        return Data(data={{"ticks": PROBE["ticks"]}})
'''


def component_source(
    probe: Probe, *, package: str, key: str = "", witness: tuple[str, int] | None = None
) -> str:
    """The component's source; `package` is `lfx` (1.6 and later) or `langflow`."""
    host, port = witness or ("", 0)
    stream = stream_of((host, port))
    parameters = json.dumps(
        {
            "ticks": probe.ticks,
            "interval_s": probe.interval_s,
            # A number: a front may take no body of more than a mebibyte (nginx by its defaults).
            "padding": probe.payload_bytes,
            "words": probe.words,
            "slow_start_s": probe.slow_start_s,
            "quiet_after": probe.quiet_after,
            "quiet_s": probe.quiet_s,
            "fail_at": probe.fail_at,
            "failure": "" if probe.fail_silently else "queueproof probe failed as asked",
            "block_at": probe.block_at,
            "block_s": probe.block_s,
            "key": key if probe.witnessed else "",
            "host": "" if stream else host,
            "port": port,
            "stream": stream,
        }
    )
    return _SOURCE.format(package=package, parameters=parameters)


def has_code(node: Any) -> bool:
    """Whether a node that the target answered with is one that `graph_of` can put code into."""
    template = node.get("template") if isinstance(node, dict) else None
    return isinstance(template, dict) and isinstance(template.get("code"), dict)


def graph_of(node: dict[str, Any], component_type: str, source: str) -> dict[str, Any]:
    """A flow graph of one node that carries `source`."""
    template = {**node["template"], "code": {**node["template"]["code"], "value": source}}
    return {
        "nodes": [
            {
                "id": NODE_ID,
                "type": "genericNode",
                "position": {"x": 0, "y": 0},
                "data": {
                    "id": NODE_ID,
                    "type": component_type,
                    "node": {**node, "template": template},
                },
            }
        ],
        "edges": [],
        "viewport": {"x": 0, "y": 0, "zoom": 1},
    }
