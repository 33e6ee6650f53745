"""The self-check and APIs that know a job late, forget it early, or tell little of a failed one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from queueproof.config.model import Credentials
from queueproof.errors import UsageError
from queueproof.targets.generic import probe_session, selfcheck
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.events import EventReader
from queueproof.targets.generic.kept_streams import KeptStreams
from queueproof.targets.vantage import Vantage

from .test_mapping import DOCUMENTED, mapping

_NOWHERE = {"detail": "Not Found"}  # what the framework says of a path that nobody serves
_STREAMLESS = {"stream": None, "credentials": None}


class Api:
    """A job API without a server: jobs end after some requests about them."""

    def __init__(
        self, *, unknown_for: int = 0, forgets: bool = False, tells_at_the_end: bool = False
    ) -> None:
        self.unknown_for = unknown_for
        self.forgets = forgets
        self.tells_at_the_end = tells_at_the_end
        self.asked: dict[str, int] = {}
        self.jobs: dict[str, dict[str, Any]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        path = request.url.path
        if path == "/jobs":
            job = str(len(self.jobs))
            self.jobs[job] = json.loads(request.content)["arguments"]
            return httpx.Response(202, json={"id": job})
        parts = path.split("/")[1:]
        if parts[0] != "jobs" or parts[1] not in self.jobs or len(parts) > 3:
            return httpx.Response(404, json=_NOWHERE)
        return self.of_job(parts[1], parts[2] if len(parts) == 3 else "status")

    def of_job(self, job: str, what: str) -> httpx.Response:
        """The third request about a job finds it over; the sixth finds it forgotten."""
        asked = self.asked[job] = self.asked.get(job, 0) + 1
        fails = self.jobs[job].get("fail_at") is not None
        over = asked > self.unknown_for + 2 and self.jobs[job]["steps"] <= 3
        if asked <= self.unknown_for or (self.forgets and over and asked > self.unknown_for + 3):
            return httpx.Response(404, json=_NOWHERE)
        if what == "cancel":
            self.jobs[job]["steps"] = 1
            self.asked[job] += 3
            return httpx.Response(200, json={"cancelled": True})
        state = ("failed" if fails else "finished") if over else "running"
        if what == "status":
            return httpx.Response(200, json={"state": state})
        if what == "events":
            return httpx.Response(200, json=self.events(state, fails=fails))
        return httpx.Response(404, json=_NOWHERE)

    def events(self, state: str, *, fails: bool) -> dict[str, Any]:
        """A poll's answer; a failed job's has no events, nor has one that tells all at its end."""
        if state == "failed" and fails:
            return {"state": state, "next": "1", "error": "it broke"}
        if self.tells_at_the_end and state == "running":
            return {"state": state, "next": "0"}
        steps = [{"type": "step", "step": number} for number in range(3)]
        ends = [] if state == "running" else [{"type": state}]
        return {"state": state, "next": "3", "events": [*steps, *ends]}


def check(api: Callable[[httpx.Request], httpx.Response], **tables: Any) -> None:
    """The self-check of the documented mapping, without streams, on such an API."""
    made = mapping(**{**_STREAMLESS, **tables})

    async def play() -> None:
        vantage = Vantage("http://api.test")
        await vantage.client.aclose()
        vantage.client = httpx.AsyncClient(base_url=vantage.url, transport=httpx.MockTransport(api))
        try:
            reader = EventReader(made, lambda: 0.0)
            client = GenericClient(made, Credentials())
            kept = KeptStreams(client, reader)
            await selfcheck.check_mapping(client, reader, vantage, kept, answer_s=1.0)
        finally:
            await vantage.close()

    asyncio.run(play())


WHOLE = {"poll": {**DOCUMENTED["poll"], "whole": True}}


def test_a_job_that_is_not_known_at_once_is_no_wrong_path() -> None:
    check(Api(unknown_for=3), **WHOLE)


def test_a_finished_job_that_is_forgotten_is_no_wrong_path() -> None:
    """Even with the very words of a path that nobody serves."""
    check(Api(forgets=True), **WHOLE)


def test_events_that_come_at_the_end_only_are_no_wrong_path() -> None:
    check(Api(tells_at_the_end=True), **WHOLE)


def test_an_answer_without_events_for_a_failed_job_is_no_mistake() -> None:
    """The documented API tells failures by the state alone here."""
    api = Api()

    check(api, **WHOLE)

    assert any(job.get("fail_at") is not None for job in api.jobs.values())


@pytest.mark.parametrize(
    ("table", "request_", "said"),
    [
        ("poll", "GET /jobs/{job}/event", r"poll\] request .* as a path that nobody serves"),
        ("status", "GET /job/{job}", r"status\] request .* as a path that nobody serves"),
        ("cancel", "POST /jobs/{job}/stop", r"cancel\] request .* as a path that nobody serves"),
    ],
)
def test_a_path_that_nobody_serves_is_still_told(
    table: str, request_: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After jobs have had time to become known."""
    monkeypatch.setattr(probe_session, "_UNKNOWN_S", 0.2)
    tables = {**WHOLE, table: {**DOCUMENTED[table], **WHOLE.get(table, {}), "request": request_}}

    with pytest.raises(UsageError, match=said):
        check(Api(), **tables)


DEAD = {"dead": {"request": "GET /dead", "ids": "dead"}}


def with_dead_letters(api: Api) -> Callable[[httpx.Request], httpx.Response]:
    """The same API with a list of what failed for good."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/dead":
            return httpx.Response(200, json={"dead": []})
        return api(request)

    return answer


def test_an_empty_list_of_dead_letters_is_no_mistake() -> None:
    check(with_dead_letters(Api()), **WHOLE, **DEAD)


def test_a_list_of_dead_letters_that_is_somewhere_else_is_told() -> None:
    wrong = {"dead": {**DEAD["dead"], "ids": "jobs"}}

    with pytest.raises(UsageError, match=r'dead\] ids = "jobs" found nothing'):
        check(with_dead_letters(Api()), **WHOLE, **wrong)
