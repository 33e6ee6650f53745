"""The langflow adapter's two translations: probe to component, bytes to events."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueproof.history import Event, EventKind
from queueproof.probe import Probe
from queueproof.targets.job import Ending, ending_of, is_over
from queueproof.targets.langflow.component import component_source, graph_of
from queueproof.targets.langflow.events import parse_chunks, parse_lines

BODY = b"".join(
    json.dumps(event, ensure_ascii=False).encode() + b"\n\n"
    for event in [
        {"event": "vertices_sorted", "data": {"ids": ["x"]}},
        {"event": "log", "data": {"name": "tick-0", "message": "tick-0\u2028"}},
        {"event": "log", "data": {"name": "tick-1", "message": "größe \u0085"}},
        {"event": "log", "data": {"name": "other", "message": "tick-9"}},
        {"event": "end", "data": {}},
    ]
)
KINDS = [EventKind.START, EventKind.TICK, EventKind.TICK, EventKind.OTHER, EventKind.END]


def now_s() -> float:
    return 1.0


def parse_in_pieces(pieces: list[bytes]) -> list[Event]:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def collect() -> list[Event]:
        return [event async for event in parse_chunks(chunks(), now_s)]

    return asyncio.run(collect())


@given(st.lists(st.integers(0, len(BODY)), max_size=12))
def test_chunks_cut_anywhere_give_the_same_events(cuts: list[int]) -> None:
    """Inside a line, inside a character, between two newlines."""
    edges = [0, *sorted(cuts), len(BODY)]
    pieces = [BODY[a:b] for a, b in itertools.pairwise(edges)]

    events = parse_in_pieces(pieces)

    assert [event.kind for event in events] == KINDS
    assert [event.tick for event in events if event.tick is not None] == [0, 1]


@pytest.mark.parametrize("line", [b"<html>", b"[]", b'{"no": "event"}', b"\xff\xfe", b"null"])
def test_what_is_no_event_is_kept_and_said_so(line: bytes) -> None:
    """Nothing a target sends is swallowed."""
    [event] = parse_lines([line], now_s)

    assert event.kind is EventKind.OTHER
    assert event.text.startswith("not an event: ")


@pytest.mark.parametrize("package", ["lfx", "langflow"])
def test_the_component_is_valid_python_with_the_probes_numbers(package: str) -> None:
    """Whatever the parameters hold, the source compiles."""
    probe = Probe(ticks=3, interval_s=0.25, fail_at=2, quiet_after=1, quiet_s=4.0, witnessed=True)

    source = component_source(probe, package=package, key="k'\"\\", witness=("127.0.0.1", 9))

    compile(source, "component", "exec")
    assert f"from {package}.custom import Component" in source
    assert json.dumps({"ticks": 3})[1:-1] in source


def test_an_unwitnessed_probe_does_not_know_the_witness() -> None:
    """No key, no side effect."""
    source = component_source(Probe(), package="lfx", key="secret-key", witness=("h", 1))

    assert "secret-key" not in source


@pytest.mark.parametrize(("silently", "text"), [(False, "probe failed as asked"), (True, "")])
def test_a_probe_that_fails_may_say_nothing_of_it(silently: bool, text: str) -> None:
    """What it raises has no text then."""
    probe = Probe(ticks=1, fail_at=0, fail_silently=silently)

    source = component_source(probe, package="lfx").replace("from lfx", "#").replace("Output(", "(")
    namespace = {"Component": object, "Data": dict}
    exec(re.sub(r"outputs = .*", "", source), namespace)

    with pytest.raises(RuntimeError) as failed:
        asyncio.run(namespace["QueueproofProbe"]().tick())  # type: ignore[operator]
    assert str(failed.value).removeprefix("queueproof ") == text


def test_the_slow_start_is_an_assignment_at_module_level() -> None:
    """The real system does not execute bare statements there."""
    source = component_source(Probe(slow_start_s=1.5), package="lfx")

    assert "\n_cold_start = time.sleep(" in source


def test_the_graph_carries_the_source() -> None:
    """In the node's code field, leaving the template itself alone."""
    node = {"template": {"code": {"value": "old", "type": "code"}}, "display_name": "x"}

    graph = graph_of(node, "Type", "new")

    assert graph["nodes"][0]["data"]["node"]["template"]["code"]["value"] == "new"
    assert node["template"]["code"]["value"] == "old"  # type: ignore[index]


@pytest.mark.parametrize(
    ("kinds", "ending", "over"),
    [
        ([EventKind.TICK], None, False),
        ([EventKind.TICK, EventKind.END], Ending.COMPLETED, True),
        ([EventKind.ERROR], Ending.FAILED, False),
        ([EventKind.ERROR, EventKind.END], Ending.FAILED, True),
        ([EventKind.CANCELLED], Ending.CANCELLED, True),
    ],
)
def test_the_events_say_how_a_job_ended(
    kinds: list[EventKind], ending: Ending | None, over: bool
) -> None:
    """An error followed by an ordinary end is a failure."""
    events = [Event(kind, 0.0) for kind in kinds]

    assert ending_of(events) is ending
    assert is_over(events) is over
