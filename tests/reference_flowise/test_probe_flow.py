"""What the reference runs of a flow, and what it refuses."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from reference_impl.core.probe_flow import FUNCTION, START, FlowError, chain


def node(key: str, name: str = FUNCTION, source: str = "") -> dict[str, Any]:
    inputs = {"customFunctionJavascriptFunction": source}
    return {"id": key, "data": {"name": name, "label": key, "inputs": inputs}}


def flow(*nodes: dict[str, Any], edges: list[tuple[str, str]] | None = None) -> str:
    ids = [one["id"] for one in nodes]
    pairs = edges if edges is not None else list(itertools.pairwise(ids))
    made = [{"source": source, "target": target} for source, target in pairs]
    return json.dumps({"nodes": nodes, "edges": made})


def test_a_chain_is_run_in_the_order_of_its_edges() -> None:
    """Not in the order its nodes are listed in."""
    data = flow(node("b"), node("s", START), node("a"), edges=[("s", "a"), ("a", "b")])
    assert [one.id for one in chain(data)] == ["s", "a", "b"]


def test_a_step_is_read_from_the_first_line() -> None:
    """The rest of the source is known to do what it says."""
    source = 'const step = {"tick": 3, "pause_ms": 5, "padding": 2};\nawait whatever();'
    step = chain(flow(node("s", START), node("f", source=source)))[1].step
    assert step is not None
    assert (step.tick, step.pause_ms, step.output) == (3, 5, "tick-3..")


@pytest.mark.parametrize(
    ("source", "output"),
    [("", "asked"), ("return $flow.input;", "asked"), ("return 'said'", "said")],
)
def test_a_function_without_a_step_returns_its_input_or_a_text(source: str, output: str) -> None:
    """The two other forms there are."""
    assert chain(flow(node("s", START), node("f", source=source)))[1].output("asked") == output


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ("{", "malformed"),
        ("[]", "malformed"),
        (flow(node("f")), "0 start nodes"),
        (flow(node("s", START), node("x", "llmAgentflow")), "llmAgentflow"),
        (flow(node("s", START), node("f", source="return 1 + 1")), "no JavaScript"),
        (flow(node("s", START), node("f", source="const step = {x};\n")), "not JSON"),
        (flow(node("s", START), node("f", source='const step = {"tick":0,"x":1};')), "x"),
        (flow(node("s", START), node("f", source='const step = {"tick":-1};')), "tick=-1"),
        (flow(node("s", START), node("f", source="const step = {};")), "malformed"),
        (flow(node("s", START), edges=[("s", "nobody")]), "nobody"),
        (flow(node("s", START), node("a"), edges=[("s", "a"), ("a", "a")]), "cycle"),
        (flow(node("s", START), node("a"), edges=[("s", "a"), ("s", "a")]), "branches"),
    ],
)
def test_anything_else_is_refused_by_name(data: str, word: str) -> None:
    """Never half understood."""
    with pytest.raises(FlowError, match=word):
        chain(data)
