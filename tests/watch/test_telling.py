"""Metrics and alerts: what others get of a round."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sys
from contextlib import suppress
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
from queueproof.verdicts import ExitCode
from queueproof.watch import keeping
from queueproof.watch.alerts import Alerts
from queueproof.watch.keeping import Watch, _take
from queueproof.watch.metrics import Metrics
from queueproof.watch.standing import Change, Standing, load, save

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


def test_a_state_that_can_no_longer_be_kept_ends_no_watch(tmp_path: Path) -> None:
    """As on a disk that is full: the canary goes on singing."""
    (tmp_path / "file").write_text("", "utf-8")
    watch = Watch(
        target=TargetConfig(urls=("http://here",)),
        every_s=60.0,
        within_s=1.0,
        state=tmp_path / "file" / "state.json",
    )
    console = Console(record=True, width=300)

    asyncio.run(_take(seen(reached=""), watch, Standing(), Metrics("http://here"), console))

    assert "the state is not kept: cannot write" in console.export_text()


@pytest.mark.parametrize("before", ["", "a green round"])
def test_a_watch_that_was_stopped_before_it_saw_anything_is_not_green(
    before: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever an earlier one has left."""

    class Hangs:
        def __init__(self, *_: object, **__: object) -> None:
            asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)

        async def look(self) -> None:
            await asyncio.sleep(60)

        async def close(self) -> None:
            """Nothing is open."""

    monkeypatch.setattr(keeping, "Lookout", Hangs)
    state, console = tmp_path / "state.json", Console(record=True, width=300)
    if before:
        now = Standing()
        now.enter(seen(reached=""), at=0.0, window_s=1e6)
        save(now, state)
    watch = Watch(
        target=TargetConfig(urls=("http://here",)),
        every_s=60.0,
        within_s=1.0,
        state=state,
        once=True,
    )

    assert keeping.run_watch(watch, console) is ExitCode.INCONCLUSIVE
    assert "stopped before it had seen anything" in console.export_text()


def test_what_is_kept_holds_no_secret(tmp_path: Path) -> None:
    known_secrets.learn("s3cret-Word-78")
    now = Standing()
    now.enter(seen(reached="it said s3cret-Word-78"), at=0.0, window_s=1e6)

    save(now, tmp_path / "state.json")

    assert "s3cret-Word-78" not in (tmp_path / "state.json").read_text("utf-8")
    assert not load(tmp_path / "state.json").good


@pytest.mark.parametrize(
    "given",
    [
        {"command": "notify 'them"},
        {"webhook": "alerts.example.org/hook"},
        {"webhook": "http://256.1.1.1/hook"},
        {"webhook": "https:///hook"},
        {"webhook": "http://[::1/hook"},
    ],
    ids=str,
)
def test_what_could_tell_nobody_is_refused_at_the_start(given: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"--(on-change|webhook)"):
        Alerts(**given)


def test_a_command_is_told_whatever_the_target_says_and_however_much(tmp_path: Path) -> None:
    """A variable of the environment holds no more than 128 KiB."""
    said = tmp_path / "said.json"
    script = "import os,sys;open(sys.argv[1],'w').write(os.environ['QUEUEPROOF_CHANGES'])"
    command = shlex.join([sys.executable, "-c", script, str(said)])
    words = "\x1b[2J\udc80\x00" + "日" * 10_000
    changes = [
        Change(check=f"worker {number}", good=False, words=words, lasted_s=0.0)
        for number in range(100)
    ]

    trouble = asyncio.run(Alerts(command=command).tell("http://here", changes))

    assert trouble == []
    told = json.loads(said.read_text("utf-8"))
    assert told["changes"][0]["check"] == "worker 0"
    assert "more" in told["text"].rpartition("; ")[2]
    assert "\x1b" not in said.read_text("utf-8")


def test_a_webhook_that_never_ends_its_answer_holds_up_no_watch() -> None:
    async def main() -> list[str]:
        async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            with suppress(OSError):
                while not writer.is_closing():
                    writer.write(b"x" * 1000)
                    await writer.drain()
                    await asyncio.sleep(0.01)
            writer.close()
            over.set()

        over = asyncio.Event()
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            async with asyncio.timeout(5.0):
                told = await Alerts(webhook=f"http://127.0.0.1:{port}/").tell("here", [_RED])
                await over.wait()
                return told
        finally:
            server.close()

    assert asyncio.run(main()) == []


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
