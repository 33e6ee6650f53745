"""Runs the components of a graph and tells the job what happens, in the measured event names."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reference_impl.core.events import Closing, EndReason, end_event
from reference_impl.core.states import JobState, Signal
from reference_impl.langflow.component_api import Component, Data
from reference_impl.langflow.component_runtime import (
    FAILURES,
    call_method,
    in_thread,
    load_class,
)
from reference_impl.langflow.graphs import Vertex, vertices
from reference_impl.langflow.jobs import Job


class BuildRunner:
    """Builds one graph for one job; ends it with ``end``, whatever a component does."""

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Load, run, report. Only cancellation leaves this early, without a word."""
        started = time.monotonic()
        try:
            state = await self._build(job, graph)
        except FAILURES as error:
            job.emit("error", error_data(error, component_id=None))
            state = JobState.FAILED
        duration_s = time.monotonic() - started
        event = end_event(state=state, duration_s=duration_s)
        if state is JobState.COMPLETED:
            job.finish(Closing((event,), Signal.FINISH, ""))
        else:
            job.finish(Closing((event,), Signal.FAIL, EndReason.COMPONENT.value))

    async def _build(self, job: Job, graph: Mapping[str, Any]) -> JobState:
        order = vertices(graph)
        # The first event comes after all source is loaded: a slow cold start is a missing stream.
        classes = [await in_thread(lambda code=v.code: load_class(code)) for v in order]  # type: ignore[misc]
        ids = [vertex.id for vertex in order]
        job.emit("vertices_sorted", {"ids": ids[:1], "to_run": ids})
        job.emit("build_start", {})
        for vertex, component_class in zip(order, classes, strict=True):
            if not await self._build_vertex(job, vertex, component_class):
                return JobState.FAILED
        return JobState.COMPLETED

    async def _build_vertex(self, job: Job, vertex: Vertex, made_of: type[Component]) -> bool:
        started, logs = time.monotonic(), list[dict[str, Any]]()

        def heard(record: dict[str, Any]) -> None:
            logs.append(record)
            job.emit("log", {**record, "output": vertex.output, "component_id": vertex.id})

        try:
            component = made_of()
            component.log_sink = heard
            for name, value in vertex.values.items():
                setattr(component, name, value)
            result, failure = await call_method(component, vertex.method), None
        except FAILURES as error:
            result, failure = None, error
            job.emit("error", error_data(error, component_id=vertex.id))
        duration_s = time.monotonic() - started
        job.emit("end_vertex", vertex_data(vertex, result, failure, logs, duration_s))
        return failure is None


def error_data(error: BaseException, *, component_id: str | None) -> dict[str, Any]:
    """The data of an ``error`` event."""
    return {
        "error": f"{type(error).__name__}: {error}",
        "text": str(error),
        "component_id": component_id,
        "reason": EndReason.COMPONENT.value,
        "traceback": "".join(traceback.format_exception(error)),
    }


def vertex_data(
    vertex: Vertex,
    result: object,
    failure: BaseException | None,
    logs: list[dict[str, Any]],
    duration_s: float,
) -> dict[str, Any]:
    """The data of an ``end_vertex`` event."""
    raw = result.data if isinstance(result, Data) else result
    message = {"errorMessage": str(failure)} if failure else raw
    kind = "error" if failure else "data"
    data = {
        "results": {},
        "outputs": {vertex.output: {"message": message, "type": kind}},
        "logs": {vertex.output: logs},
        "timedelta": duration_s,
        "duration": f"{duration_s * 1000:.0f} ms",
    }
    build = {
        "id": vertex.id,
        "inactivated_vertices": [],
        "next_vertices_ids": list(vertex.next_ids),
        "top_level_vertices": [],
        "valid": failure is None,
        "params": "None" if failure is None else f"Error building Component: {failure}",
        "data": data,
        "timestamp": datetime.now(UTC).isoformat(),
    }
    return {"build_data": build}
