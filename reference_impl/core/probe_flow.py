"""What the reference runs of a flow: a chain of custom functions that follow one known shape.

No JavaScript is run. A function's source is either one whose first statement declares ``step`` as
a JSON object, or a single ``return`` of its input or of a text. In the first form the rest of the
source is understood to do what the object says, in this order: wait ``delay_ms``, throw if
``fail``, block the thread for ``block_ms``, fetch ``witness``/question/tick, wait ``pause_ms``,
return ``tick-N`` followed by ``padding`` dots and ``words``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

START = "startAgentflow"
FUNCTION = "customFunctionAgentflow"
SOURCE_FIELD = "customFunctionJavascriptFunction"
STEP_LINE = re.compile(r"\s*(?:const|let|var)\s+step\s*=\s*(\{.*?\})\s*;?[ \t]*(?:\n|$)")
RETURN_LINE = re.compile(r"""\s*return\s+(?:(\$[\w.]+)|"([^"\\]*)"|'([^'\\]*)')\s*;?\s*""")
FAILURE = "queueproof probe failed as asked"
STEP_FIELDS = frozenset(
    {"tick", "delay_ms", "fail", "block_ms", "witness", "pause_ms", "padding", "words"}
)

CHAINS_KNOWN = 64


class FlowError(Exception):
    """The flow is malformed, or needs something the reference does not run."""


@dataclass(frozen=True)
class Step:
    """What one function does; times in milliseconds, ``witness`` a URL or None."""

    tick: int
    delay_ms: float = 0
    fail: bool = False
    block_ms: float = 0
    witness: str | None = None
    pause_ms: float = 0
    padding: int = 0
    words: str = ""

    @property
    def is_noticed(self) -> bool:
        """Whether it takes time, or somebody is asked."""
        return bool(self.delay_ms or self.block_ms or self.pause_ms or self.witness)

    @property
    def output(self) -> str:
        """What the function returns."""
        return f"tick-{self.tick}" + "." * self.padding + self.words


@dataclass(frozen=True)
class Node:
    """One node of the chain; without a step it returns ``text``, or else its input."""

    id: str
    label: str
    name: str
    step: Step | None = None
    text: str | None = None

    def output(self, question: str) -> str:
        """What the node returns."""
        if self.step is not None:
            return self.step.output
        return question if self.text is None else self.text


@lru_cache(maxsize=CHAINS_KNOWN)
def chain(flow_data: str) -> tuple[Node, ...]:
    """The nodes in running order, or :class:`FlowError`."""
    try:
        graph = json.loads(flow_data)
        nodes = {node["id"]: node["data"] for node in graph["nodes"]}
        following = _following(graph.get("edges", []), nodes)
        first = [key for key, data in nodes.items() if data["name"] == START]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FlowError(f"the flow is malformed: {type(error).__name__} {error}") from error
    if len(first) != 1:
        raise FlowError(f"the flow has {len(first)} start nodes; it must have one")
    order = [first[0]]
    while (key := following.get(order[-1])) is not None:
        if key in order:
            raise FlowError("the flow has a cycle")
        order.append(key)
    return tuple(_node(key, nodes[key]) for key in order)


def _following(edges: list[Mapping[str, Any]], nodes: Mapping[str, Any]) -> dict[str, str]:
    following: dict[str, str] = {}
    for edge in edges:
        source, target = edge["source"], edge["target"]
        if source in following:
            raise FlowError("the flow branches; the reference runs chains only")
        if target not in nodes:
            raise FlowError(f"the flow has an edge to {target}, which is no node")
        following[source] = target
    return following


def _node(key: str, data: Mapping[str, Any]) -> Node:
    name = str(data["name"])
    if name not in {START, FUNCTION}:
        raise FlowError(f"node {key} is a {name}; the reference runs {START} and {FUNCTION} only")
    label = str(data.get("label", key))
    source = (data.get("inputs") or {}).get(SOURCE_FIELD) or ""
    if name == START or not source.strip():
        return Node(key, label, name)
    if (declared := STEP_LINE.match(source)) is not None:
        return Node(key, label, name, step=read_step(declared[1]))
    if (returned := RETURN_LINE.fullmatch(source)) is not None:
        text = None if returned[1] else returned[2] or returned[3] or ""
        return Node(key, label, name, text=text)
    raise FlowError(
        f"node {key}: the reference runs no JavaScript; a function is empty, one return of "
        "$flow.input or of a text, or begins with: const step = {…};"
    )


def read_step(declared: str) -> Step:
    """What the JSON object of a step asks for."""
    try:
        fields = json.loads(declared)
    except ValueError as error:
        raise FlowError(f"the function's step is not JSON: {error}") from error
    unknown = set(fields) - STEP_FIELDS
    if unknown:
        raise FlowError(
            f"the function's step has fields nobody knows: {', '.join(sorted(unknown))}"
        )
    try:
        return _checked(Step(**fields))
    except TypeError as error:
        raise FlowError(f"the function's step is malformed: {error}") from error


def _checked(step: Step) -> Step:
    for name in ("tick", "delay_ms", "block_ms", "pause_ms", "padding"):
        value = getattr(step, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise FlowError(f"the function's step has {name}={value!r}; it must be 0 or more")
    if not isinstance(step.words, str):
        raise FlowError("the function's step has words that are no text")
    return step
