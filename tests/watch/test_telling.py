"""Metrics and alerts: what others get of a round."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.redaction import known_secrets, redacted
from queueproof.reporting.metrics_export import write_textfile
from queueproof.stack.ports import free_port
from queueproof.watch.alerts import Alerts
from queueproof.watch.keeping import Watch, _take
from queueproof.watch.metrics import Metrics
from queueproof.watch.standing import Change, Standing

from .test_standing import seen

_RED = Change(check="worker b", good=False, words="it said s3cret-Word-77", lasted_s=0.0)


def test_a_scrape_shows_the_last_round_and_no_worker_that_is_gone() -> None:
    now, metrics, port = Standing(), Metrics("http://here"), free_port()
    first, second = seen(reached="", **{"worker a": "deaf"}), seen(reached="", **{"worker d": ""})
    server = metrics.serve("127.0.0.1", port)
    try:
        for at, one in enumerate((first, second)):
            now.enter(one, at=float(at), window_s=1e6)
            metrics.take(one, now, at=float(at), objective=0.9)
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    finally:
        server.shutdown()
        server.server_close()
    assert 'queueproof_watch_check_good{check="worker d",target="http://here"} 1.0' in text
    assert "worker a" not in text
    assert 'queueproof_watch_rounds_total{result="bad",target="http://here"} 1.0' in text
    assert 'queueproof_watch_operations_total{target="http://here"} 8.0' in text


def test_a_textfile_is_written_whole_and_a_wrong_place_is_told(tmp_path: Path) -> None:
    now, metrics = Standing(), Metrics("http://here")
    one = seen(reached="")
    now.enter(one, at=0.0, window_s=1e6)
    metrics.take(one, now, at=0.0, objective=0.9)
    write_textfile(metrics.registry, tmp_path / "queueproof.prom")
    assert "queueproof_watch_good" in (tmp_path / "queueproof.prom").read_text("utf-8")
    with pytest.raises(UsageError, match="--textfile"):
        write_textfile(metrics.registry, tmp_path / "nowhere" / "queueproof.prom")


def test_a_textfile_that_can_no_longer_be_written_ends_no_watch(tmp_path: Path) -> None:
    watch = Watch(
        target=TargetConfig(urls=("http://here",)),
        every_s=60.0,
        within_s=1.0,
        textfile=tmp_path / "nowhere" / "queueproof.prom",
    )
    console = Console(record=True, width=300)

    asyncio.run(_take(seen(reached=""), watch, Standing(), Metrics("http://here"), console))

    assert "metrics are not written: --textfile" in console.export_text()


def test_a_port_that_is_taken_is_told() -> None:
    port = free_port()
    server = Metrics("a").serve("127.0.0.1", port)
    try:
        with pytest.raises(UsageError, match="--metrics"):
            Metrics("b").serve("127.0.0.1", port)
    finally:
        server.shutdown()
        server.server_close()


def test_a_command_gets_the_change_on_its_input_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUEPROOF_PASSWORD", "s3cret-Word-77")
    known_secrets.learn("s3cret-Word-77")
    out = tmp_path / "got"
    script = (
        f"import os, sys; open({str(out)!r}, 'w').write(sys.stdin.read()); "
        "sys.exit('QUEUEPROOF_PASSWORD' in os.environ)"
    )
    alerts = Alerts(command=f'{sys.executable} -c "{script}"')
    assert asyncio.run(alerts.tell("http://here", [_RED])) == []
    said = json.loads(out.read_text("utf-8"))
    assert said["changes"][0]["check"] == "worker b"
    assert "s3cret" not in out.read_text("utf-8")


def test_a_webhooks_path_is_a_secret() -> None:
    alerts = Alerts(webhook="http://127.0.0.1:1/services/T0/B0/x9y8z7w6")
    (trouble,) = asyncio.run(alerts.tell("http://here", [_RED]))
    assert trouble.startswith("--webhook")
    assert "x9y8z7w6" not in trouble
    assert "x9y8z7w6" not in redacted("posted to http://127.0.0.1:1/services/T0/B0/x9y8z7w6")


@pytest.mark.parametrize("command", ["no-such-program-here", f"{sys.executable} -c 'exit(3)'"])
def test_a_command_that_fails_is_told_and_stops_nothing(command: str) -> None:
    (trouble,) = asyncio.run(Alerts(command=command).tell("http://here", [_RED]))
    assert trouble.startswith("--on-change")


def test_a_webhook_is_posted_to(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[dict[str, object]] = []

    async def hook(request: Request) -> Response:
        got.append(await request.json())
        return Response(status_code=204)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
    monkeypatch.setattr("queueproof.watch.alerts.httpx.AsyncClient", lambda **_: client)
    alerts = Alerts(webhook="http://hooks/hook")
    assert asyncio.run(alerts.tell("http://here", [_RED])) == []
    assert got[0]["target"] == "http://here"
    assert asyncio.run(alerts.tell("http://here", [])) == []
    assert len(got) == 1
