"""The load generator speaks to any queue by its mapping: what is sent, and what is understood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from load.client import Reply
from load.generic import GenericLoadClient
from queueproof.config.mapping import JobMapping, load_mapping
from queueproof.history import Event, EventKind
from queueproof.load.profile import Errand
from queueproof.load.run_spec import RunSpec, read_spec
from queueproof.targets.request_template import RequestTemplate

Answer = Callable[[str, str, bytes, dict[str, str]], tuple[int, dict[str, str], bytes]]
_SUBMIT = {"request": "POST /jobs", "json": {"n": "{ticks}", "s": "{interval_s}"}, "job_id": "id"}
_STATES = {"running": ["busy"], "completed": ["done"], "failed": ["broken"]}
_STATUS = {"request": "GET /jobs/{job}", "state": "state"}
_EVENT = {"kind": "kind", "number": "n", "tick": ["tick"], "completed": ["done"]}


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server of a thread of its own that answers so."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, headers, told = answer(self.command, self.path, body, dict(self.headers))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(told))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def mapped(**tables: Any) -> JobMapping:
    """A mapping of these tables."""
    return load_mapping({"submit": _SUBMIT, **tables}, where="[mapping]")


def client_of(mapping: JobMapping, url: str) -> GenericLoadClient:
    """A client whose spec has gone through JSON, as every spec does."""
    template = RequestTemplate(
        path="/jobs", body=asdict(mapping), headers={"Authorization": "Bearer t"}
    )
    spec = RunSpec(
        contract="generic",
        profile="p",
        urls=(url,),
        folder="",
        errands=(Errand(does="stream", contracts=()),),
        templates=(template,),
        stretches=(),
        spacing="even",
        seed=1,
    )
    return GenericLoadClient(read_spec(spec.as_json()), lambda: 0.0)


def kinds(told: list[Event | Reply]) -> list[EventKind]:
    """What events came, before the reply."""
    assert isinstance(told[-1], Reply)
    assert not told[-1].wrong
    return [event.kind for event in told if isinstance(event, Event)]


def test_a_submit_carries_the_probe_and_the_users_headers() -> None:
    asked: list[tuple[str, bytes, dict[str, str]]] = []

    def answer(
        method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        asked.append((f"{method} {path}", body, headers))
        return 202, {}, b'{"id": 7}'

    plain = mapped(status=_STATUS, state=_STATES)
    with serving(answer) as url, closing(client_of(plain, url)) as client:
        reply = client.submit(0)

    assert reply == Reply(status=202, job="7")
    assert asked[0][0] == "POST /jobs"
    assert json.loads(asked[0][1]) == {"n": 3, "s": 0.02}
    assert asked[0][2]["Authorization"] == "Bearer t"


def test_a_form_and_an_id_in_a_header_are_spoken_too() -> None:
    def answer(
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str],
    ) -> tuple[int, dict[str, str], bytes]:
        right = headers["Content-Type"] == "application/x-www-form-urlencoded"
        return (
            (202 if right else 415),
            {"Location": f"/jobs/{parse_qs(body.decode())['n'][0]}"},
            b"",
        )

    form = {
        "request": "POST /jobs",
        "form": {"n": "{ticks}", "s": "{interval_s}"},
        "job_id_header": "Location",
        "job_id_pattern": "/jobs/([^/]+)",
    }
    formed = mapped(submit=form, status=_STATUS, state=_STATES)
    with serving(answer) as url, closing(client_of(formed, url)) as client:
        reply = client.submit(0)

    assert reply.job == "3"


def test_a_stream_is_read_to_its_end() -> None:
    lines = b"".join(
        json.dumps(row).encode() + b"\n"
        for row in ({"kind": "tick", "n": 0}, {"kind": "tick", "n": 1}, {"kind": "done"})
    )
    stream = {"request": "GET /jobs/{job}/stream", "format": "lines"}
    streamed = mapped(stream=stream, event=_EVENT)
    with (
        serving(lambda *_: (200, {}, lines)) as url,
        closing(client_of(streamed, url)) as client,
    ):
        told = list(client.read(0, "7", 5.0))

    assert kinds(told) == [EventKind.TICK, EventKind.TICK, EventKind.END]


def test_without_a_stream_each_reader_polls_from_its_own_place() -> None:
    rows = [{"kind": "tick", "n": 0}, {"kind": "tick", "n": 1}, {"kind": "done"}]

    def answer(
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str],
    ) -> tuple[int, dict[str, str], bytes]:
        after = int(parse_qs(urlsplit(path).query).get("after", ["0"])[0])
        told = {"events": rows[after : after + 2], "next": after + 2}
        return 200, {}, json.dumps(told).encode()

    poll = {
        "request": "GET /jobs/{job}/events",
        "query": {"after": "{after}"},
        "events": "events",
        "position": "next",
    }
    polled = mapped(poll=poll, event=_EVENT)
    with serving(answer) as url, closing(client_of(polled, url)) as client:
        readings = [list(client.read(0, "7", 5.0)) for _ in range(2)]

    wanted = [EventKind.TICK, EventKind.TICK, EventKind.END]
    assert [kinds(told) for told in readings] == [wanted, wanted]


def test_where_only_a_state_is_told_its_changes_are_the_events() -> None:
    states = iter(["queued", "busy", "busy", "done"])

    def answer(*_: Any) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, json.dumps({"state": next(states)}).encode()

    words = {**_STATES, "waiting": ["queued"]}
    stated = mapped(status=_STATUS, state=words)
    with serving(answer) as url, closing(client_of(stated, url)) as client:
        told = list(client.read(0, "7", 5.0))

    assert kinds(told) == [EventKind.START, EventKind.END]


@pytest.mark.parametrize(("status", "told"), [(500, b""), (200, b'{"cancelled": false}')])
def test_a_cancel_that_claims_no_success_is_a_failed_request(status: int, told: bytes) -> None:
    cancel = {"request": "POST /jobs/{job}/cancel", "success": "cancelled"}
    mapping = mapped(status=_STATUS, state=_STATES, cancel=cancel)
    with (
        serving(lambda *_: (status, {}, told)) as url,
        closing(client_of(mapping, url)) as client,
    ):
        reply = client.cancel(0, "7")

    assert "success wanted" in reply.wrong


def test_an_end_that_only_the_state_tells_comes_after_what_the_polls_still_had() -> None:
    """The state is asked after the poll, and may know of an end whose last tick is to come."""
    polls = iter([[], [{"kind": "tick", "n": 0}], [], []])

    def answer(
        method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        told: dict[str, Any] = {"state": "done"}
        if path.endswith("/events"):
            told = {"events": next(polls)}
        return 200, {}, json.dumps(told).encode()

    ticks_alone = {"kind": "kind", "number": "n", "tick": ["tick"]}
    poll = {"request": "GET /jobs/{job}/events", "events": "events"}
    mapping = mapped(poll=poll, event=ticks_alone, status=_STATUS, state=_STATES)
    with serving(answer) as url, closing(client_of(mapping, url)) as client:
        told = list(client.read(0, "7", 5.0))

    assert kinds(told) == [EventKind.TICK, EventKind.END]
