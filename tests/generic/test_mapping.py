"""A mapping is checked when it is read, and read as it is written."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from queueproof.chaos.scenario import for_contract, lacking_need, load_scenarios
from queueproof.config.load import load_target
from queueproof.config.mapping import JobMapping, load_mapping
from queueproof.errors import NotAssessed, UsageError
from queueproof.history import EventKind
from queueproof.probe import Probe
from queueproof.requirements import load_registry
from queueproof.targets.contracts import contract_named, embedded_target
from queueproof.targets.generic.events import EventReader, parse_frames, parse_lines
from queueproof.targets.generic.probe_values import probe_values, require_expressible
from queueproof.targets.generic.wire import MISSING, filled, find, given

from .conftest import MAPPING, ROOT

DOCUMENTED = tomllib.loads(MAPPING.read_text("utf-8"))["mapping"]


def mapping(**tables: Any) -> JobMapping:
    """The documented mapping with some tables replaced; None leaves one out."""
    merged = {**DOCUMENTED, **tables}
    wanted = {name: table for name, table in merged.items() if table is not None}
    return load_mapping(wanted, where="[mapping]")


def event(**entries: Any) -> dict[str, Any]:
    return {**DOCUMENTED["event"], **entries}


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"submit": None}, "the table submit is missing"),
        ({"event": None}, "the table event is missing"),
        ({"poll": None, "stream": None, "status": None}, "name status, poll or stream"),
        ({"poll": None, "stream": None}, "event says how polls and streams are read"),
        ({"poll": None, "stream": None, "event": None, "state": None}, "table state is missing"),
        ({"poll": None, "stream": None, "event": None}, None),
        (
            {"submit": {**DOCUMENTED["submit"], "job_id_header": "Location"}},
            "where is the id, then",
        ),
        ({"submit": {**DOCUMENTED["submit"], "job_id": ""}}, "job_id is missing"),
        ({"submit": {**DOCUMENTED["submit"], "job_id_pattern": "x"}}, "needs one group"),
        ({"submit": {**DOCUMENTED["submit"], "also": {"job": "id"}}}, r"\{job\} is something else"),
        ({"polls": {}}, "did you mean poll"),
        ({"poll": {"request": "GET /jobs/{job}"}}, r"poll: events is missing"),
        ({"poll": {**DOCUMENTED["poll"], "position": ""}}, None),
        ({"cancel": {"request": "/jobs/{job}"}}, r"cancel: write request like"),
        ({"cancel": {"request": "POST /jobs/cancel"}}, r"\{job\} is nowhere in it"),
        ({"status": {"request": "GET /j/{id}", "state": "s"}}, r"nothing fills in \{id\}"),
        ({"submit": {"request": "POST /jobs", "job_id": "id"}}, r"must say \{ticks\}"),
        ({"stream": {**DOCUMENTED["stream"], "format": "xml"}}, "format must be one of"),
        ({"event": event(pattern="(")}, "no regular expression"),
        ({"event": event(pattern="step")}, "needs one group"),
        ({"event": event(tick="step")}, "tick must be a list"),
        ({"submit": {**DOCUMENTED["submit"], "unknown": {"task": "{x}"}}}, r"fills in \{x\}"),
        (
            {
                "submit": {
                    "request": "POST /jobs?ticks={ticks}&every={interval_s}",
                    "job_id": "id",
                    "unknown": {"task": "none"},
                }
            },
            "unknown replaces json or form",
        ),
        ({"credentials": {"X-Key": "{key}"}}, r"nothing fills in \{key\}"),
    ],
)
def test_a_wrong_mapping_is_refused_when_it_is_read(
    tables: dict[str, Any], said: str | None
) -> None:
    """Before anything is asked of the target, by the entry's name."""
    if said is None:
        assert mapping(**tables)
        return
    with pytest.raises(UsageError, match=said):
        mapping(**tables)


def test_a_followed_position_must_be_found_somewhere() -> None:
    poll = {name: value for name, value in DOCUMENTED["poll"].items() if name != "position"}

    with pytest.raises(UsageError, match="wants a position"):
        mapping(poll=poll)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[target]\ncontract = "generic"', "needs a .mapping."),
        ('[target]\ncontract = "langflow"\n[mapping.submit]\n', "generic alone"),
        ("[promises]\n", "belongs to a target with a .mapping. alone"),
    ],
)
def test_a_mapping_and_its_contract_belong_together(tmp_path: Any, text: str, said: str) -> None:
    file = tmp_path / "target.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(UsageError, match=said):
        load_target(file, {})


def test_a_file_with_a_mapping_is_of_the_contract_generic() -> None:
    config = load_target(MAPPING, {})

    assert config.contract == "generic"
    assert config.timings.stale_threshold_s == 0.0
    assert config.timings.poll_hold_s == 1.0


def test_without_a_mapping_there_is_nothing_to_judge() -> None:
    with pytest.raises(UsageError, match=r"needs a target file with a .mapping."):
        contract_named("generic").adapter(
            embedded_target("langflow"), witness=None, now_s=lambda: 0.0
        )


def test_a_path_leads_through_tables_and_lists() -> None:
    body = {"data": {"items": [{"id": 7}, {"id": None}]}}

    assert find(body, "data.items.0.id") == 7
    assert find(body, "data.items.1.id") is None
    assert find(body, "data.items.2.id") is MISSING
    assert find(body, "data.id") is MISSING
    assert find([1], ".") == [1]


def test_a_brace_alone_is_the_value_itself() -> None:
    values = {"ticks": 3, "interval_s": 0.5, "fail_at": None}

    assert filled({"n": "{ticks}", "f": "{fail_at}"}, values) == {"n": 3, "f": None}
    assert filled(["every {interval_s} s", {"deep": 1}], values) == ["every 0.5 s", {"deep": 1}]
    assert given(filled({"n": "{ticks}", "f": "{fail_at}"}, values)) == {"n": "3"}


def test_a_probe_is_expressed_in_seconds_and_milliseconds() -> None:
    probe = Probe(ticks=2, interval_s=0.25, quiet_after=0, quiet_s=1.5, witnessed=True)

    values = probe_values(probe, key="k", witness=("127.0.0.1", 80))

    assert (values["interval_s"], values["interval_ms"]) == (0.25, 250)
    assert (values["quiet_after"], values["quiet_ms"]) == (0, 1500)
    assert values["witness"] == "http://127.0.0.1:80/k"
    assert probe_values(Probe(), key="k", witness=("127.0.0.1", 80))["witness"] is None


@pytest.mark.parametrize(
    "probe",
    [Probe(fail_at=0), Probe(quiet_after=0), Probe(slow_start_s=1.0), Probe(payload_bytes=1)],
)
def test_what_a_mapping_cannot_express_is_not_assessed(probe: Probe) -> None:
    with pytest.raises(NotAssessed, match="cannot express"):
        require_expressible(probe, frozenset({"ticks", "interval_s"}))
    require_expressible(Probe(witnessed=True), frozenset({"ticks", "interval_s"}))


def read(body: Any, **tables: Any) -> list[tuple[EventKind, int | None]]:
    reader = EventReader(mapping(**tables), lambda: 0.0)
    return [(told.kind, told.tick) for told in reader.read(body)]


def test_events_are_read_by_their_words() -> None:
    assert read({"type": "step", "step": 4}) == [(EventKind.TICK, 4)]
    assert read({"type": "finished"}) == [(EventKind.END, None)]
    assert read({"type": "failed"}) == [(EventKind.ERROR, None), (EventKind.END, None)]
    assert read({"type": "cancelled"}) == [(EventKind.CANCELLED, None)]
    assert read({"type": "log"}) == [(EventKind.OTHER, None)]
    assert read({"step": 4}) == [(EventKind.OTHER, None)]
    assert read({"type": "step", "step": True}) == [(EventKind.OTHER, None)]


def test_a_number_may_be_inside_a_text_and_begin_anywhere() -> None:
    numbered = event(number="message", pattern=r"step (\d+) of", first=1)

    assert read({"type": "step", "message": "step 3 of 9"}, event=numbered)[0][1] == 2


def test_one_kind_of_end_may_carry_the_state() -> None:
    ending = event(end=["over"], state="result.state", completed=[], failed=[], cancelled=[])

    assert read({"type": "over", "result": {"state": "failed"}}, event=ending) == [
        (EventKind.ERROR, None),
        (EventKind.END, None),
    ]
    assert read({"type": "over"}, event=ending) == [(EventKind.END, None)]


async def cut(raw: bytes, at: int) -> AsyncIterator[bytes]:
    yield raw[:at]
    yield raw[at:]


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_streams_are_read_wherever_their_chunks_are_cut(at: int) -> None:
    async def everything() -> tuple[list[Any], list[Any]]:
        lines = cut(b'{"type": "step"}\n\n{"type": "finished"}', at)
        frames = cut(b': beat\n\nevent: a\r\ndata: {"n": 1}\r\n\r\ndata: x\n\ndata: lost', at)
        return (
            [body async for body, _ in parse_lines(lines)],
            [body async for body, _ in parse_frames(frames)],
        )

    lines, frames = asyncio.run(everything())

    assert lines == [{"type": "step"}, {"type": "finished"}]
    assert frames == [{"n": 1, "@event": "a"}, {"@data": "x", "@event": "message"}]


def test_the_documented_mapping_is_the_examples_own() -> None:
    text = (ROOT / "docs" / "generic.md").read_text("utf-8")

    assert MAPPING.read_text("utf-8") in text


def test_the_sources_that_requirements_cite_are_headings() -> None:
    text = (ROOT / "docs" / "generic.md").read_text("utf-8")

    for row in load_registry("generic"):
        assert f"\n### {row.heading}\n" in text, row.id


def test_an_outage_needs_something_that_it_can_take_hold_of() -> None:
    """Each scenario says what it needs; a target without that is not judged by it, and told why."""
    target = load_target(MAPPING, {})
    scenarios = for_contract(load_scenarios(), "generic")

    needs = {one.id: lacking_need(one, target, launched=False) for one in scenarios}

    assert len(scenarios) >= 8
    assert all(one.needs for one in scenarios)
    assert "worker_command" in needs["CHAOS-201"]
    assert "redis_url" in needs["CHAOS-212"]
    by_id = {one.id: one for one in scenarios}
    assert lacking_need(by_id["CHAOS-215"], target, launched=True) == ""
    theirs = replace(target, redis_url="redis://127.0.0.1:6379/0")
    assert "keeps_data" in lacking_need(by_id["CHAOS-218"], theirs, launched=False)
    assert lacking_need(by_id["CHAOS-218"], target, launched=True) == ""


def test_the_documented_mapping_of_an_api_that_tells_states_alone_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "generic.md").read_text("utf-8")
    block = text.partition("## Status only")[2].partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "target.toml"
    file.write_text(block, "utf-8")

    made = load_target(file, {}).mapping

    assert made is not None
    assert not made.tells_steps
    assert made.calls.keys() == {"submit", "status", "cancel"}
