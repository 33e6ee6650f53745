"""Steady states over the target's own metrics, told by a server that answers as Prometheus does."""

from __future__ import annotations

import asyncio
import json
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from queueproof import paths
from queueproof.chaos import metric_watch
from queueproof.chaos.judging import unasked_of
from queueproof.chaos.metric_watch import MetricWatch
from queueproof.chaos.outcome import entry_of
from queueproof.chaos.prometheus import NoValue, Prometheus, monitoring_of
from queueproof.chaos.run import ChaosRun, Part
from queueproof.chaos.scenario import scenario_from
from queueproof.chaos.steady_state import SteadyState
from queueproof.checkers.findings import Finding, Status
from queueproof.checkers.history_parser import read_story
from queueproof.checkers.outage_history import AFTER, DURING, RECOVERY
from queueproof.checkers.steady_states import LOOK, check_steady_states, told_of_steady_states
from queueproof.config.load import load_target
from queueproof.errors import UsageError
from queueproof.history import History, Operation
from queueproof.redaction import known_secrets
from queueproof.reporting.outages import sentences_of
from queueproof.targets.contracts import embedded_target
from queueproof.verdicts import Verdict

from .histories import frame
from .test_runs import HURRIED, Quiet, config, scenario, short_plan
from .test_scenarios import DECLARED

LENGTH = SteadyState(query="max(queue_length)", at_most=10.0, lag_s=0.0)
NOWHERE = "http://127.0.0.1:9"


class Monitoring(HTTPServer):
    """Answers every query with `answer`, and keeps what it was asked."""

    answer: Any = None
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []
        self.logins: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def tell(self, *values: str) -> None:
        """A vector with a series for each of these."""
        rows = [{"metric": {"n": str(n)}, "value": [1.5, v]} for n, v in enumerate(values)]
        self.answer = {"status": "success", "data": {"resultType": "vector", "result": rows}}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Monitoring)
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.asked.append((self.path, parse_qs(body)["query"][0]))
        self.server.logins.append(self.headers.get("authorization", ""))
        answer = self.server.answer
        told = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def serving() -> Iterator[Monitoring]:
    with Monitoring() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def monitoring() -> Iterator[Monitoring]:
    with serving() as server:
        yield server


def values_of(url: str, query: str = "up") -> list[float]:
    async def ask() -> list[float]:
        prometheus = Prometheus(f"{url}/")
        try:
            return await prometheus.values(query)
        finally:
            await prometheus.close()

    return asyncio.run(ask())


# -- what is asked, and what is answered -----------------------------------------------------


def test_a_query_is_asked_at_the_api_of_prometheus(monitoring: Monitoring) -> None:
    monitoring.tell("3", "4.5", "+Inf")

    assert values_of(monitoring.url, 'max(a{b="c"})') == [3.0, 4.5, float("inf")]
    assert monitoring.asked == [("/api/v1/query", 'max(a{b="c"})')]
    monitoring.answer = {
        "status": "success",
        "data": {"resultType": "scalar", "result": [1.5, "7"]},
    }
    assert values_of(monitoring.url) == [7.0]


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (200, {"status": "success", "data": {"resultType": "vector", "result": []}}, "no series"),
        (400, {"status": "error", "errorType": "bad_data", "error": "parse error"}, "400: parse"),
        (503, "<html>down</html>", "answers 503"),
        (200, "[]", "answers 200"),
        (200, "[" * 100_000, "answers 200"),
        (200, " " * (5 << 20), "does not answer .*more than 4 MiB"),
        (200, {"status": "success"}, "no vector and no scalar"),
        (200, {"status": "success", "data": {"resultType": "matrix", "result": []}}, "matrix"),
        (
            200,
            {"status": "success", "data": {"resultType": "vector", "result": ["?"]}},
            "no number",
        ),
    ],
)
def test_an_answer_without_a_value_says_why(
    status: int, answer: Any, said: str, monitoring: Monitoring
) -> None:
    monitoring.status, monitoring.answer = status, answer

    with pytest.raises(NoValue, match=said):
        values_of(monitoring.url)


def test_a_value_that_is_no_number_is_none(monitoring: Monitoring) -> None:
    monitoring.tell("1", "NaN")

    with pytest.raises(NoValue, match="no number"):
        values_of(monitoring.url)
    with pytest.raises(NoValue, match="does not answer"):
        values_of(NOWHERE)


# -- what is declared ------------------------------------------------------------------------


def test_every_series_is_within_the_bounds() -> None:
    both = replace(LENGTH, at_least=1.0)

    assert (LENGTH.worst([3.0, 30.0]), both.worst([9.0, 0.0, 2.0])) == (30.0, 0.0)
    assert [both.holds(value) for value in (0.0, 1.0, 10.0, 11.0)] == [False, True, True, False]
    assert both.wanted == "at least 1 and at most 10"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"query": "up"}, "give at_most, at_least"),
        ({"at_most": 1}, "query is missing"),
        ({"query": "up", "at_most": "1"}, "number"),
        ({"query": "up", "most": 1}, "did you mean"),
    ],
)
def test_a_wrong_steady_state_is_refused(state: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        scenario_from({**DECLARED, "steady_state": [state]}, where="own.toml")


def test_without_a_prometheus_it_is_not_assessed_and_elsewhere_no_matter() -> None:
    target = embedded_target("langflow")
    stated = scenario(steady_state=[{"query": "up", "at_least": 1}])

    assert "[target] prometheus" in unasked_of(target, stated)["RESI-012"]
    assert "RESI-012" not in unasked_of(target, scenario())
    assert "RESI-012" not in unasked_of(replace(target, prometheus=NOWHERE), stated)


def test_the_documented_scenario_is_one() -> None:
    text = (paths.root() / "docs" / "chaos.md").read_text("utf-8").partition("## Steady states")[2]
    block = tomllib.loads(text.partition("```toml\n")[2].partition("```")[0])

    stated = scenario_from(block["scenario"][0], where="docs/chaos.md")

    assert [state.lag_s for state in stated.steady_state] == [30.0, 75.0]


# -- what is judged --------------------------------------------------------------------------


def look(at_s: float, value: float | None) -> Operation:
    """A look at a queue's length, of which at most 10 is wanted."""
    operation = Operation(
        number=0, case="c", kind=LOOK, job=None, worker=None, invoked_s=at_s, ended_s=at_s
    )
    operation.detail = LENGTH.query
    operation.facts = {"wanted": LENGTH.wanted, "lag_s": 5.0}
    if value is None:
        operation.facts["trouble"] = "nobody answers"
    else:
        operation.facts |= {"value": value, "held": LENGTH.holds(value)}
    return operation


def judged(*looks: tuple[float, float | None]) -> list[Finding]:
    """The frame's fault is healed, and the steady state is to hold again after `BOUND_S`."""
    return check_steady_states(read_story([*frame(), *(look(*each) for each in looks)]))


STORY = read_story(frame())
HEALED_S = STORY.healed_s
BOUND_S = HEALED_S + STORY.timings["recovery_s"] + 5.0
HELD, DOUBTFUL, BROKEN = Status.HELD, Status.DOUBTFUL, Status.BROKEN


@pytest.mark.parametrize(
    ("looks", "status"),
    [
        ([(0.5, 3.0), (HEALED_S + 1, 3.0)], HELD),
        ([(0.5, 3.0), (HEALED_S + 1, 99.0), (BOUND_S - 1, 4.0)], HELD),
        ([(0.5, 3.0), (HEALED_S + 1, 99.0), (BOUND_S + 1, 99.0)], BROKEN),
        ([(0.5, 3.0), (BOUND_S + 1, 99.0), (BOUND_S + 9, 3.0)], BROKEN),
        ([(0.5, 3.0), (HEALED_S + 1, 3.0), (BOUND_S + 9, 99.0)], BROKEN),
        ([(0.5, 3.0), (HEALED_S + 1, 3.0), (BOUND_S + 1, 99.0), (BOUND_S + 9, 3.0)], HELD),
        ([(0.5, 3.0), (HEALED_S + 1, 99.0)], DOUBTFUL),
        ([(0.5, 3.0), (HEALED_S + 1, None), (BOUND_S + 1, None)], DOUBTFUL),
        ([(0.5, 3.0), (BOUND_S + 1, None), (BOUND_S + 9, 3.0)], HELD),
        ([(0.5, 99.0), (BOUND_S + 1, 99.0)], DOUBTFUL),
        ([(0.5, None), (BOUND_S + 1, 99.0)], DOUBTFUL),
        ([(HEALED_S + 1, 99.0), (BOUND_S + 1, 99.0)], DOUBTFUL),
    ],
    ids=[
        "held all the time",
        "again within the bound",
        "never again",
        "again too late",
        "again, and not in the end",
        "out for a while",
        "not watched for long enough",
        "monitoring lost in the outage",
        "no value for a while",
        "not before either",
        "no value before",
        "never looked at before",
    ],
)
def test_a_steady_state_holds_again_within_the_bound_and_in_the_end(
    looks: list[tuple[float, float | None]], status: Status
) -> None:
    found = judged(*looks)

    assert max((each.status for each in found), key=[HELD, DOUBTFUL, BROKEN].index) is status


def test_what_is_wrong_is_told_with_value_bound_and_time() -> None:
    [_, wrong] = judged((0.5, 3.0), (BOUND_S + 1, 99.0))

    assert wrong.expected.startswith("max(queue_length): at most 10 within ")
    assert wrong.actual == f"99 {BOUND_S + 1 - HEALED_S:.0f} s after the outage"
    [doubt] = judged((0.5, None))
    assert doubt.actual == "max(queue_length): nobody answers"


def test_what_was_seen_is_told_in_a_line() -> None:
    looks = [look(0.5, 3.0), look(HEALED_S - 0.1, 250.0), look(BOUND_S, 2.0)]
    told = told_of_steady_states(read_story([*frame(), *looks]))

    assert told == [
        "max(queue_length), at most 10: 3 before the fault, 250 when it ended, 2 in the end"
    ]
    assert ("Steady state", told[0]) in sentences_of({"steady_state": told})


def test_a_login_stands_in_the_environment_and_in_every_query(
    monitoring: Monitoring, tmp_path: Path
) -> None:
    file = tmp_path / "target.toml"
    file.write_text(
        f'[target]\nurls = ["{NOWHERE}"]\nprometheus = "{monitoring.url}"\n'
        '[target.prometheus_headers]\nAuthorization = "Bearer {METRICS_TOKEN}"\n',
        "utf-8",
    )
    monitoring.tell("3")

    async def ask() -> list[float]:
        target = load_target(file, environment={"METRICS_TOKEN": "token-of-metrics"})
        prometheus = monitoring_of(target)
        assert prometheus is not None
        try:
            return await prometheus.values("up")
        finally:
            await prometheus.close()

    assert asyncio.run(ask()) == [3.0]
    assert monitoring.logins == ["Bearer token-of-metrics"]
    assert "token-of-metrics" not in known_secrets.redacted("it said token-of-metrics")
    file.write_text(file.read_text("utf-8").replace("{METRICS_TOKEN}", "plain"), "utf-8")
    with pytest.raises(UsageError, match="Authorization lets in, so it must not stand in a file"):
        load_target(file, environment={})


# -- how it is looked at ---------------------------------------------------------------------


def test_looks_are_noted_and_waited_for(
    monitoring: Monitoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_watch, "_EVERY_S", 0.02)
    history = History()

    async def watched() -> tuple[str, str]:
        watch = MetricWatch(Prometheus(monitoring.url), [LENGTH], history)
        try:
            monitoring.tell("99")
            out = await watch.lacking(within_s=0.1)
            waiting = asyncio.create_task(watch.lacking(within_s=30.0))
            await asyncio.sleep(0.05)
            monitoring.tell("2")
            return out, await waiting
        finally:
            await watch.close()

    assert asyncio.run(watched()) == ("max(queue_length) is 99, at most 10 is wanted", "")
    assert history.operations[-1].facts["held"]
    assert {note.kind for note in history.operations} == {LOOK}


def test_a_server_that_does_not_answer_is_not_waited_for() -> None:
    history = History()

    async def watched() -> str:
        watch = MetricWatch(Prometheus(NOWHERE), [LENGTH], history)
        try:
            return await watch.lacking(within_s=30.0)
        finally:
            await watch.close()

    assert asyncio.run(watched()) == ""
    assert "does not answer" in history.operations[0].facts["trouble"]


# -- whole outages ---------------------------------------------------------------------------


class Reacting(Quiet):
    """The queue's length follows the outage: what it is in which phase."""

    def __init__(self, monitoring: Monitoring, lengths: dict[str, str]) -> None:
        super().__init__()
        self._monitoring, self._lengths = monitoring, lengths
        monitoring.tell("0")

    def phase(self, name: str, phase: str) -> None:
        super().phase(name, phase)
        if phase in self._lengths:
            self._monitoring.tell(self._lengths[phase])


@pytest.mark.parametrize(
    ("lengths", "verdict"),
    [
        ({DURING: "99", RECOVERY: "3"}, Verdict.PASSED),
        ({DURING: "99"}, Verdict.FAILED),
        ({DURING: "99", RECOVERY: "3", AFTER: "NaN"}, Verdict.PASSED),
        ({DURING: "NaN"}, Verdict.INCONCLUSIVE),
    ],
    ids=["recovers", "stays out of bounds", "told no more in the end", "told no more"],
)
def test_an_outage_is_judged_by_the_steady_state_that_it_states(
    lengths: dict[str, str],
    verdict: Verdict,
    monitoring: Monitoring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metric_watch, "_EVERY_S", 0.05)
    made = config(tmp_path, **HURRIED)
    made = replace(made, target=replace(made.target, prometheus=monitoring.url))
    stated = scenario(steady_state=[{"query": LENGTH.query, "at_most": 10, "lag_s": 0.5}])
    run = ChaosRun(made, Reacting(monitoring, lengths))

    run.play([Part(scenario=stated, name="CHAOS-999", plan=short_plan())])

    result = run.results["CHAOS-999"]
    [judged] = [each for each in result.judgements if each.requirement == "RESI-012"]
    assert judged.verdict is verdict, judged
    assert entry_of(result)["steady_state"][0].startswith("max(queue_length), at most 10: 0 before")


def test_no_fault_is_injected_where_the_steady_state_does_not_hold_to_begin_with(
    monitoring: Monitoring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_watch, "_EVERY_S", 0.05)
    made = config(tmp_path, **HURRIED)
    made = replace(made, target=replace(made.target, prometheus=monitoring.url))
    stated = scenario(steady_state=[{"query": LENGTH.query, "at_most": 10, "lag_s": 0}])
    run = ChaosRun(made, Quiet())
    monitoring.tell("99")

    run.play([Part(scenario=stated, name="CHAOS-999", plan=short_plan())])

    result = run.results["CHAOS-999"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "no steady state before the fault: max(queue_length) is 99" in result.reason
    assert not [each for each in run.history.operations if each.kind == "fault"]
