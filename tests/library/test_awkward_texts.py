"""Texts that software mishandles, on their way from a probe to a verdict and back."""

from __future__ import annotations

import json
from dataclasses import replace
from unittest.mock import Mock
from urllib.parse import unquote

import pytest

from queueproof.awkward_texts import IDS, TEXTS, WORDS
from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, Violation
from queueproof.expectations import expect
from queueproof.history import NO_EVENT, Event, EventKind, History, checksum_of
from queueproof.probe import Probe
from queueproof.targets.flowise.flow import flow_of
from queueproof.targets.flowise.wire import abort_path
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.langflow.any_request import job_paths
from queueproof.targets.langflow.component import component_source
from queueproof.targets.langflow.events import parse_lines
from queueproof.targets.worker import ANY_WORKER
from reference_impl.core.probe_flow import chain

SAYING = Probe(ticks=len(WORDS), interval_s=0.0, words=WORDS)


def lines_of(probe: Probe) -> list[bytes]:
    """What a langflow target makes of a probe's ticks."""
    names = [f"tick-{number}" for number in probe.expected_ticks]
    logs = [{"name": n, "message": n + probe.text_of(i)} for i, n in enumerate(names)]
    return [json.dumps({"event": "log", "data": log}).encode() for log in logs]


def delivery(events: list[Event], probe: Probe = SAYING) -> Delivery:
    system = Mock(timings=Timings(), history=History())
    job = Job(id="j", key="k", probe=probe, owner=ANY_WORKER, submitted_s=0.0, system=system)
    return Delivery(job=job, events=tuple(events), ending=Ending.COMPLETED, ended_s=9.0)


def test_what_a_langflow_target_says_unchanged_is_unchanged() -> None:
    events = parse_lines(lines_of(SAYING), lambda: 1.0)

    expect(delivery(events)).to_be_unchanged()
    expect(delivery(events)).to_consist_of_events()


@pytest.mark.parametrize("tick", range(1, len(WORDS)))
def test_one_text_that_came_otherwise_is_a_violation(tick: int) -> None:
    events = parse_lines(lines_of(SAYING), lambda: 1.0)
    events[tick] = replace(events[tick], checksum=checksum_of("something else"))

    with pytest.raises(Violation, match=f"tick {tick}: "):
        expect(delivery(events)).to_be_unchanged()


def test_a_loss_is_a_violation_though_all_texts_are_right() -> None:
    with pytest.raises(Violation):
        expect(delivery(parse_lines(lines_of(SAYING)[:-1], lambda: 1.0))).to_be_unchanged()


def test_events_without_a_text_prove_nothing() -> None:
    events = [Event(EventKind.TICK, 1.0, tick=number) for number in SAYING.expected_ticks]

    with pytest.raises(Inconclusive):
        expect(delivery(events)).to_be_unchanged()


def test_a_line_that_is_no_event_is_a_violation() -> None:
    events = parse_lines([*lines_of(SAYING), b"bye"], lambda: 1.0)

    assert events[-1].text.startswith(NO_EVENT)
    with pytest.raises(Violation):
        expect(delivery(events)).to_consist_of_events()


def test_the_words_reach_a_component_and_a_flow_as_they_are() -> None:
    """Python source and a flow of custom functions say what the probe shall say."""
    source = component_source(SAYING, package="lfx")
    flow = flow_of(SAYING, None)

    compile(source, "component", "exec")
    outputs = [node.output("question") for node in chain(json.dumps(flow))][1:]
    assert outputs == [f"tick-{number}{word}" for number, word in enumerate(WORDS)]


@pytest.mark.parametrize("job_id", IDS.values(), ids=IDS.keys())
def test_an_id_is_one_step_of_a_path(job_id: str) -> None:
    for _, path in job_paths(job_id).values():
        assert unquote(path.split("/")[4]) == job_id
    assert unquote(abort_path("f", job_id).rpartition("/")[2]) == job_id


def test_the_first_text_is_a_plain_one() -> None:
    assert next(iter(TEXTS)) == "plain"
    assert WORDS[0].isascii()
