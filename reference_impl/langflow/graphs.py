"""Reads the graph a client submits: its nodes in an order in which they can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any


class GraphError(ValueError):
    """The graph cannot be built."""


@dataclass(frozen=True)
class Vertex:
    """One node: a component's source, and the values of its inputs."""

    id: str
    type: str
    display_name: str
    code: str
    values: Mapping[str, Any]
    output: str
    method: str
    next_ids: tuple[str, ...]


def vertices(graph: Mapping[str, Any]) -> list[Vertex]:
    """The vertices in running order, or :class:`GraphError`."""
    try:
        nodes = {node["id"]: node for node in graph.get("nodes", [])}
        edges = [(edge["source"], edge["target"]) for edge in graph.get("edges", [])]
        before: dict[str, set[str]] = {node_id: set() for node_id in nodes}
        for source, target in edges:
            before[target].add(source)
        order = list(TopologicalSorter(before).static_order())
        return [_vertex(nodes[node_id], edges) for node_id in order]
    except CycleError as error:
        raise GraphError("the graph has a cycle") from error
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise GraphError(f"the graph is malformed: {type(error).__name__} {error}") from error


def _vertex(node: Mapping[str, Any], edges: list[tuple[str, str]]) -> Vertex:
    template = node["data"]["node"]["template"]
    output = node["data"]["node"]["outputs"][0]
    fields = {name: field for name, field in template.items() if isinstance(field, dict)}
    return Vertex(
        id=node["id"],
        type=node["data"]["type"],
        display_name=node["data"]["node"].get("display_name") or node["data"]["type"],
        code=fields["code"]["value"],
        values={name: field.get("value") for name, field in fields.items() if name != "code"},
        output=output["name"],
        method=output["method"],
        next_ids=tuple(target for source, target in edges if source == node["id"]),
    )


def node_template(code: str, component: type[Any]) -> dict[str, Any]:
    """The node template the editor makes of a component class; graphs are made of these."""
    outputs = [
        {
            "types": ["JSON"],
            "selected": "JSON",
            "name": output.name,
            "display_name": output.display_name,
            "method": output.method,
            "value": "__UNDEFINED__",
            "cache": True,
        }
        for output in component.outputs
    ]
    fields = {field.name: {"name": field.name, "value": field.value} for field in component.inputs}
    code_field = {"type": "code", "name": "code", "value": code, "required": True, "dynamic": True}
    return {
        "template": {"_type": "Component", "code": code_field, **fields},
        "base_classes": ["JSON"],
        "display_name": component.display_name or component.__name__,
        "documentation": "",
        "frozen": False,
        "outputs": outputs,
        "field_order": [field.name for field in component.inputs],
        "beta": False,
        "legacy": False,
        "edited": False,
        "metadata": {"component_class_name": component.__name__},
        "tool_mode": False,
    }
