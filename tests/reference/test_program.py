"""The program as it is deployed: three workers on Redis, spoken to over HTTP."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import pytest
import redis

from queueproof.stack.ports import free_port
from reference_impl.langflow import boot

T = TypeVar("T")
WITHIN_S = 20.0
SOURCE = """
import asyncio
from lfx.custom import Component
from lfx.io import Output
from lfx.schema import Data

class Probe(Component):
    outputs = [Output(display_name="Out", name="out", method="run_probe")]

    async def run_probe(self) -> Data:
        for i in range(TICKS):
            self.log(f"tick-{i}", name=f"tick-{i}")
            await asyncio.sleep(INTERVAL)
        return Data(data={})
"""


def eventually(condition: Callable[[], T | None], *, within_s: float = WITHIN_S) -> T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s} s")


def names(text: str) -> list[str]:
    """Event names; a log event by its own name."""
    events = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [e["data"]["name"] if e["event"] == "log" else e["event"] for e in events]


def whole(ticks: int) -> list[str]:
    """The events of a probe that went well."""
    logs = [f"tick-{i}" for i in range(ticks)]
    return ["vertices_sorted", "build_start", *logs, "end_vertex", "end"]


def environment(folder: Path, redis_port: int, **environ: str) -> dict[str, str]:
    """The document's Compose settings, on SQLite; nothing inherited but the interpreter's own."""
    return {
        **{key: os.environ[key] for key in ("PATH", "PYTHONPATH", "HOME") if key in os.environ},
        "LANGFLOW_CONFIG_DIR": str(folder),
        "LANGFLOW_WORKERS": "3",
        "LANGFLOW_GUNICORN_PRELOAD": "true",
        "LANGFLOW_JOB_QUEUE_TYPE": "redis",
        "LANGFLOW_REDIS_QUEUE_URL": f"redis://127.0.0.1:{redis_port}/3",
        "LANGFLOW_SUPERUSER": "admin",
        "LANGFLOW_SUPERUSER_PASSWORD": "changeme",
        "LANGFLOW_AUTO_LOGIN": "False",
        "REFERENCE_WORKER_HEADER": "X-Worker",
        "REFERENCE_OWNER_LEASE_S": "2",
        "REFERENCE_DRAIN_S": "2",
        **environ,
    }


@dataclass
class Program:
    """A running deployment and its superuser."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    http: httpx.Client
    headers: dict[str, str] = field(default_factory=dict)
    flow: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request over a fresh connection: any worker may answer."""
        return self.http.request(method, f"{self.url}{path}", headers=self.headers, **options)

    def prepare(self) -> None:
        """Log in and store a flow."""
        form = {"username": "admin", "password": "changeme"}
        token = self.ask("POST", "/api/v1/login", data=form).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        code = {"code": SOURCE.replace("TICKS", "1").replace("INTERVAL", "0")}
        made = self.ask("POST", "/api/v1/custom_component", json=code).json()
        node = {"id": "n", "data": {"id": "n", "type": made["type"], "node": made["data"]}}
        body = {"name": "probe", "data": {"nodes": [node], "edges": []}}
        self.flow = self.ask("POST", "/api/v1/flows/", json=body).json()

    def submit(self, *, ticks: int, interval_s: float) -> tuple[str, str]:
        """Start a probe; its job ID, and the worker that runs it."""
        graph = json.loads(json.dumps(self.flow["data"]))
        code = SOURCE.replace("TICKS", str(ticks)).replace("INTERVAL", str(interval_s))
        graph["nodes"][0]["data"]["node"]["template"]["code"]["value"] = code
        answer = self.ask("POST", f"/api/v1/build/{self.flow['id']}/flow", json={"data": graph})
        assert answer.status_code == 200, answer.text
        return answer.json()["job_id"], answer.headers["x-worker"]

    def poll(self, job: str) -> httpx.Response:
        """One poll."""
        return self.ask("GET", f"/api/v1/build/{job}/events", params={"event_delivery": "polling"})

    def stream(self, job: str) -> httpx.Response:
        """A stream, read to its end."""
        return self.ask("GET", f"/api/v1/build/{job}/events")

    def cancel(self, job: str) -> httpx.Response:
        """A cancel."""
        return self.ask("POST", f"/api/v1/build/{job}/cancel")

    def monitors(self) -> dict[str, dict[str, Any]]:
        """The monitor of every worker."""
        found: dict[str, dict[str, Any]] = {}

        def three() -> dict[str, dict[str, Any]] | None:
            answer = self.ask("GET", "/api/v1/monitor/job_queue")
            found[answer.headers["x-worker"]] = answer.json()
            return found if len(found) == 3 else None

        return eventually(three)


@contextmanager
def running(folder: Path, environ: dict[str, str]) -> Iterator[Program]:
    """Start the program, wait until it says that it is ready, stop it, expect a clean exit."""
    port, log = free_port(), folder / "log"
    command = [sys.executable, "-m", "reference_impl", "langflow", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)
    # Nothing is kept alive: each request is a fresh connection, which any worker may accept.
    http = httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))
    program = Program(process, f"http://127.0.0.1:{port}", log, http)
    try:
        eventually(lambda: "Launching Langflow" in log.read_text("utf-8") or process.poll())
        assert process.poll() is None, log.read_text("utf-8")
        program.prepare()
        yield program
    finally:
        http.close()
        process.terminate()
        exit_code = process.wait(timeout=20)
    assert exit_code == 0


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, redis_port: int) -> Iterator[Program]:
    """One deployment for the tests that do not disturb it."""
    folder = tmp_path_factory.mktemp("program")
    with running(folder, environment(folder, redis_port)) as program:
        yield program


def test_a_preload_boot_says_what_the_document_shows(program: Program) -> None:
    """In this order."""
    lines = program.log.read_text("utf-8").splitlines()
    assert lines[:3] == [
        "[preload] initializing services in master",
        "[preload] master preload complete; workers will inherit shared state via COW",
        "✓ Launching Langflow...",
    ]


def test_polls_through_any_mix_of_workers_deliver_everything_once(program: Program) -> None:
    """In order; and the end again to whoever asks again."""
    job, _ = program.submit(ticks=20, interval_s=0.02)
    got: list[str] = []
    while "end" not in got:
        got += names(program.poll(job).text)
    assert got == whole(20)
    assert {tuple(names(program.poll(job).text)) for _ in range(6)} == {("end",)}


def test_every_worker_streams_the_whole_job(program: Program) -> None:
    """From the start, however late."""
    job, _ = program.submit(ticks=5, interval_s=0.02)
    streams: dict[str, list[str]] = {}

    def of_all() -> bool:
        answer = program.stream(job)
        streams[answer.headers["x-worker"]] = names(answer.text)
        return len(streams) == 3

    eventually(of_all)
    assert list(streams.values()) == [whole(5)] * 3


def test_a_crowd_that_comes_at_once_is_shared_among_the_workers(program: Program) -> None:
    """Sixty connections that wait to be accepted: no worker takes them all."""
    place = ("127.0.0.1", int(program.url.rpartition(":")[2]))
    found = Counter[str]()
    for _ in range(10):
        crowd = [socket.create_connection(place, timeout=WITHIN_S) for _ in range(60)]
        for each in crowd:
            each.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        for each in crowd:
            with each, each.makefile("rb") as answer:
                text = answer.read().decode().lower()
            found[text.partition("x-worker: ")[2].partition("\r\n")[0]] += 1
    assert sum(found.values()) == 600
    assert len(found) == 3
    assert max(found.values()) < 450, found


def test_workers_may_open_as_many_files_as_the_machine_allows(program: Program) -> None:
    """A shell's soft limit of 1,024 is not the end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    workers = psutil.Process(program.process.pid).children()
    for worker in workers:
        limit = Path(f"/proc/{worker.pid}/limits")
        if not limit.exists():
            pytest.skip("needs /proc")
        (line,) = (each for each in limit.read_text().splitlines() if "open files" in each)
        assert int(line.split()[3]) == min(hard, boot.OPEN_FILES) >= soft


def test_a_cancel_through_any_worker_takes_effect_and_is_counted(program: Program) -> None:
    """Published once, dispatched by the owner once, heard by the two others."""

    def counted() -> dict[str, int]:
        stats = [monitor["cancel_stats"] for monitor in program.monitors().values()]
        return {name: sum(each[name] for each in stats) for name in stats[0]}

    before = counted()
    for _ in range(6):
        job, _ = program.submit(ticks=1000, interval_s=0.05)
        answer = program.cancel(job)
        assert answer.json() == {"success": True, "message": "Flow build cancelled successfully"}
        assert names(program.stream(job).text)[-1] == "cancelled"
    moved = {name: value - before[name] for name, value in counted().items()}
    expected = {"published": 6, "dispatched_owned": 6, "dispatched_foreign": 12}
    assert {name: value for name, value in moved.items() if value} == expected


def test_idle_workers_own_nothing(program: Program) -> None:
    """As soon as their jobs are over."""
    job, _ = program.submit(ticks=1, interval_s=0)
    program.stream(job)

    def idle() -> bool:
        fields = ("active_jobs", "bridge_count", "consumer_wrapper_count", "background_task_count")
        seen = [[monitor[name] for name in fields] for monitor in program.monitors().values()]
        return seen == [[0, 0, 0, 0]] * 3

    assert eventually(idle)
    assert all(each["cancel_dispatcher_running"] for each in program.monitors().values())


def test_the_death_of_the_owner_is_reported_within_its_bound(
    tmp_path: Path, redis_port: int
) -> None:
    """Lease plus two seconds; and nothing can be cancelled afterwards."""
    environ = environment(tmp_path, redis_port, LANGFLOW_REDIS_QUEUE_URL=_url(redis_port, 4))
    with running(tmp_path, environ) as program:
        job, worker = program.submit(ticks=1000, interval_s=0.05)
        os.kill(int(worker.split("-")[0]), signal.SIGKILL)
        killed = time.monotonic()
        text = eventually(lambda: _text_of_ending(program, job))
        assert time.monotonic() - killed < 2 + 2 + 1
        assert names(text)[-2:] == ["error", "end"]
        assert "owner_died" in text
        assert "already finished" in program.cancel(job).json()["message"]


def test_a_stopping_deployment_ends_its_streams_marked(tmp_path: Path, redis_port: int) -> None:
    """The drain is bounded, and what does not finish in it ends with an error."""
    environ = environment(tmp_path, redis_port, LANGFLOW_REDIS_QUEUE_URL=_url(redis_port, 5))
    with running(tmp_path, environ) as program:
        job, _ = program.submit(ticks=1000, interval_s=0.05)
        path = f"{program.url}/api/v1/build/{job}/events"
        with program.http.stream("GET", path, headers=program.headers) as stream:
            lines = stream.iter_lines()
            next(lines)
            program.process.terminate()
            assert names("\n".join(lines))[-2:] == ["error", "end"]


def test_redis_lost_its_data_ends_streams_with_an_error(tmp_path: Path, redis_port: int) -> None:
    """Not with a quiet success; and the owner stops working."""
    environ = environment(tmp_path, redis_port, LANGFLOW_REDIS_QUEUE_URL=_url(redis_port, 6))
    with running(tmp_path, environ) as program:
        job, _ = program.submit(ticks=1000, interval_s=0.05)
        path = f"{program.url}/api/v1/build/{job}/events"
        with program.http.stream("GET", path, headers=program.headers) as stream:
            lines = stream.iter_lines()
            next(lines)
            with redis.Redis(port=redis_port, db=6) as raw:
                raw.flushdb()
            text = "\n".join(lines)
        assert names(text)[-2:] == ["error", "end"]
        assert "data_lost" in text
        assert program.poll(job).status_code == 404
        assert eventually(
            lambda: not any(each["active_jobs"] for each in program.monitors().values())
        )


def _url(port: int, db: int) -> str:
    return f"redis://127.0.0.1:{port}/{db}"


def _text_of_ending(program: Program, job: str) -> str | None:
    answer = program.poll(job)
    return answer.text if answer.headers["x-job-state"] == "failed" else None


def refused(folder: Path, environ: dict[str, str], *, port: int | None = None) -> str:
    """Start what must not start; return what it said."""
    place = ["--port", str(port or free_port())]
    command = [sys.executable, "-m", "reference_impl", "langflow", *place]
    run = subprocess.run(
        command,
        env=environ,
        capture_output=True,
        text=True,
        timeout=3 * WITHIN_S,
        check=False,
        cwd=folder,
    )
    assert run.returncode in {1, 2}
    assert run.stderr.count("\n") == 1, run.stderr
    return run.stderr


@pytest.fixture
def importable() -> dict[str, str]:
    """The checkout on the path, for programs started elsewhere."""
    import reference_impl

    assert reference_impl.__file__ is not None
    return {"PYTHONPATH": str(Path(reference_impl.__file__).parents[1])}


def test_an_unreachable_redis_refuses_the_start(tmp_path: Path, importable: dict[str, str]) -> None:
    """And does not repeat the password."""
    url = {"LANGFLOW_REDIS_QUEUE_URL": f"redis://:secret@127.0.0.1:{free_port()}/1"}
    said = refused(tmp_path, {**environment(tmp_path, 1, **importable), **url})
    assert "cannot be used" in said
    assert "secret" not in said


def test_a_port_in_use_refuses_the_start(
    tmp_path: Path, redis_port: int, importable: dict[str, str]
) -> None:
    """At once."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environ = environment(tmp_path, redis_port, **importable)
        said = refused(tmp_path, environ, port=taken.getsockname()[1])
    assert "LANGFLOW_PORT" in said


def test_a_rival_queue_type_on_the_same_database_refuses_the_start(
    program: Program, redis_port: int, importable: dict[str, str]
) -> None:
    """All replicas must run the same queue type."""
    other = {"LANGFLOW_JOB_QUEUE_TYPE": "asyncio", "LANGFLOW_WORKERS": "1"}
    environ = environment(program.log.parent, redis_port, **importable, **other)
    assert "live replica" in refused(program.log.parent, environ)
