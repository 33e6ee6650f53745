"""The probe as a Flowise agent flow: a start node and one custom function a tick.

Every node's begin and end is an event of the flow, so a chain of functions that only wait is a
job of countable ticks. Each function begins with its parameters as one line of JSON. The job's
key, under which the witness knows it, comes with each prediction as its question; so one flow
serves every job of the same probe.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from queueproof.probe import Probe
from queueproof.targets.flowise.wire import TICK_LABEL

_START = "startAgentflow_0"
_BODY = """
const axios = require('axios');
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
if (step.delay_ms) await sleep(step.delay_ms);
if (step.fail) throw new Error('queueproof probe failed as asked');
for (const until = Date.now() + step.block_ms; Date.now() < until; ) {}
if (step.witness) await axios.get(`${step.witness}/${$flow.input}/${step.tick}`).catch(() => 0);
if (step.pause_ms) await sleep(step.pause_ms);
return 'tick-' + step.tick + '.'.repeat(step.padding) + step.words;
"""


def flow_of(probe: Probe, witness: tuple[str, int] | None) -> dict[str, Any]:
    """The flow's nodes and edges; `witness` is where a witnessed probe reports to."""
    url = f"http://{witness[0]}:{witness[1]}" if probe.witnessed and witness else ""
    ticks = [_tick(number, probe, url) for number in range(probe.ticks)]
    nodes = [_start(), *ticks]
    return {
        "nodes": nodes,
        "edges": [_edge(one["id"], other["id"]) for one, other in pairwise(nodes)],
        "viewport": {"x": 0, "y": 0, "zoom": 1},
    }


def _step(number: int, probe: Probe, witness: str) -> dict[str, Any]:
    quiet_s = probe.quiet_s if probe.quiet_after == number else 0.0
    return {
        "tick": number,
        "delay_ms": _ms(probe.slow_start_s if number == 0 else 0.0),
        "fail": probe.fail_at == number,
        "block_ms": _ms(probe.block_s if probe.block_at == number else 0.0),
        "witness": witness,
        "pause_ms": _ms(probe.interval_s + quiet_s),
        "padding": probe.payload_bytes,
        "words": probe.words[number % len(probe.words)] if probe.words else "",
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _start() -> dict[str, Any]:
    return _node(_START, "Start", "startAgentflow", "Start", {"startInputType": "chatInput"})


def _tick(number: int, probe: Probe, witness: str) -> dict[str, Any]:
    source = f"const step = {json.dumps(_step(number, probe, witness))};{_BODY}"
    inputs = {
        "customFunctionInputVariables": "",
        "customFunctionJavascriptFunction": source,
        "customFunctionUpdateState": "",
    }
    identity = f"customFunctionAgentflow_{number}"
    label = f"{TICK_LABEL}{number}"
    return _node(identity, label, "customFunctionAgentflow", "CustomFunction", inputs)


def _node(
    identity: str, label: str, name: str, kind: str, inputs: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": identity,
        "type": "agentFlow",
        "position": {"x": 0, "y": 0},
        "data": {
            "id": identity,
            "label": label,
            "name": name,
            "type": kind,
            "version": 1,
            "baseClasses": [kind],
            "category": "Agent Flows",
            "inputs": inputs,
            "inputParams": [],
            "inputAnchors": [],
            "outputAnchors": [],
            "outputs": {},
        },
    }


def _edge(source: str, target: str) -> dict[str, Any]:
    return {
        "id": f"{source}-{target}",
        "type": "agentFlow",
        "source": source,
        "sourceHandle": f"{source}-output",
        "target": target,
        "targetHandle": target,
    }
