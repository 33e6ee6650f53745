"""The target's own metrics: how they are asked for, what an answer says, what is noted of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from queueproof.chaos import metric_watch
from queueproof.chaos.metric_watch import MetricWatch
from queueproof.chaos.prometheus import NoValue, Prometheus, monitoring_of
from queueproof.checkers.steady_states import LOOK
from queueproof.config.load import load_target
from queueproof.errors import UsageError
from queueproof.history import History
from queueproof.redaction import known_secrets

from .monitoring_server import LENGTH, NOWHERE, Monitoring
from .monitoring_server import monitoring as monitoring


def values_of(url: str, query: str = "up") -> list[float]:
    async def ask() -> list[float]:
        prometheus = Prometheus(f"{url}/")
        try:
            return await prometheus.values(query)
        finally:
            await prometheus.close()

    return asyncio.run(ask())


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
