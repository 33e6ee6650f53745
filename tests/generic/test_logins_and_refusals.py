"""APIs with a login, and APIs that refuse with a good status: how they are mapped, and which of the
mapping's mistakes the self-check names.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from queueproof.config.mapping import load_mapping
from queueproof.config.model import Credentials
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.history import Outcome
from queueproof.targets.answers import Kind
from queueproof.targets.generic import GenericAdapter
from queueproof.targets.protocol import Role
from queueproof.targets.vantage import Vantage

Answer = Callable[[httpx.Request], httpx.Response]
ANN = Credentials(username="ann", password="ann-s-password")
TABLES: dict[str, Any] = {
    "submit": {
        "request": "POST /jobs",
        "json": {"steps": "{ticks}", "pause": "{interval_s}", "fail_at": "{fail_at}"},
        "job_id": "id",
    },
    "status": {"request": "GET /jobs/{job}", "state": "state"},
    "state": {"running": ["busy"], "completed": ["done"], "failed": ["broken"]},
}
LOGIN = {"request": "POST /login", "form": {"user": "{username}", "secret": "{password}"}}
BY_TOKEN = {"login": {**LOGIN, "token": "access"}, "credentials": {"Authorization": "B {token}"}}
BY_COOKIE = {"login": {**LOGIN, "cookie": "sid"}, "credentials": {"Cookie": "sid={cookie}"}}


class Api:
    """Jobs that are over at once, behind a login and with refusals of its own making."""

    def __init__(self, *, lets_in: bool = True, in_band: bool = False) -> None:
        self.lets_in = lets_in
        self.in_band = in_band
        self.fails: dict[str, bool] = {}
        self.logins = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        path = request.url.path
        if path == "/login":
            return self.logged_in(request)
        if path == "/":
            return httpx.Response(200)
        known = {request.headers.get("authorization"), request.headers.get("cookie")}
        if not self.in_band and not known & {"B token-of-ann", "sid=cookie-of-ann"}:
            return httpx.Response(401, json={"detail": "who are you?"})
        if path == "/jobs":
            job = str(len(self.fails))
            self.fails[job] = json.loads(request.content).get("fail_at") is not None
            return httpx.Response(200, json={"id": job, "error": None, "ok": True})
        return self.status(path.removeprefix("/jobs/"))

    def logged_in(self, request: httpx.Request) -> httpx.Response:
        """A token and a cookie, for one user."""
        self.logins += 1
        right = request.content == b"user=ann&secret=ann-s-password"
        if not self.lets_in or not right:
            return httpx.Response(401, json={"detail": "wrong password"})
        cookie = "theme=dark; Path=/, sid=cookie-of-ann; HttpOnly; Path=/"
        return httpx.Response(200, json={"access": "token-of-ann"}, headers={"set-cookie": cookie})

    def status(self, job: str) -> httpx.Response:
        """A job's state; of an unknown one, an error in a good answer."""
        if job not in self.fails:
            refusal = {"error": {"code": 404, "text": "no such job"}, "ok": False}
            return httpx.Response(200 if self.in_band else 404, json=refusal)
        return httpx.Response(200, json={"state": "broken" if self.fails[job] else "done"})


@pytest.fixture(autouse=True)
def _logins_meet_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections of the logins' own lead to the same API as the others."""
    monkeypatch.setattr("queueproof.targets.generic.accounts.Vantage", lambda _: connected())


_apis: list[Answer] = []


def connected() -> Vantage:
    """A connection whose target answers as the last API does."""
    vantage = Vantage("http://api.test")
    transport = httpx.MockTransport(_apis[-1])
    vantage.client = httpx.AsyncClient(base_url=vantage.url, transport=transport)
    return vantage


def opened(
    api: Answer, *, whose: Credentials = ANN, **tables: Any
) -> tuple[GenericAdapter, Vantage]:
    """An adapter and a connection whose target answers so."""
    made = load_mapping({**TABLES, **tables}, where="[mapping]")
    _apis.append(api)
    vantage = connected()
    adapter = GenericAdapter(made, whose, witness=None, now_s=lambda: 0.0)
    return adapter, vantage


def prepared(api: Answer, **tables: Any) -> GenericAdapter:
    """The adapter once it has logged in and checked its mapping."""
    adapter, vantage = opened(api, **tables)
    asyncio.run(adapter.prepare(vantage, answer_s=1.0))
    return adapter


@pytest.mark.parametrize("tables", [BY_TOKEN, BY_COOKIE], ids=["token", "cookie"])
def test_what_a_login_gives_speaks_for_the_user(tables: dict[str, Any]) -> None:
    """And for nobody else: the connection of the others gets no cookie of it."""
    api = Api()
    adapter, vantage = opened(api, **tables)

    async def play() -> Kind:
        await adapter.prepare(vantage, answer_s=1.0)
        reply = await adapter.poll(vantage, "0", role=Role.NOBODY, within_s=1.0)
        return reply.kind

    assert asyncio.run(play()) is Kind.REFUSAL
    assert api.logins == 1
    assert set(api.fails.values()) == {True, False}


def test_a_login_that_is_refused_names_the_variables() -> None:
    with pytest.raises(UsageError, match=r"login POST /login is refused .* QUEUEPROOF_USERNAME"):
        prepared(Api(lets_in=False), **BY_TOKEN)


def test_a_login_that_is_not_answered_is_the_targets() -> None:
    with pytest.raises(TargetUnreachable, match="login"):
        prepared(lambda _: httpx.Response(500), **BY_TOKEN)


def test_a_token_that_is_somewhere_else_is_told_without_the_answer() -> None:
    wrong = {**BY_TOKEN, "login": {**LOGIN, "token": "data.token"}}

    with pytest.raises(
        UsageError, match=r'login\] token = "data.token".*which has: access'
    ) as told:
        prepared(Api(), **wrong)

    assert "token-of-ann" not in str(told.value)


def test_a_cookie_that_is_not_set_is_told() -> None:
    wrong = {**BY_COOKIE, "login": {**LOGIN, "cookie": "session"}}

    with pytest.raises(UsageError, match=r'login\] cookie = "session" is no cookie'):
        prepared(Api(), **wrong)


def test_without_a_name_and_a_password_there_is_nobody_to_log_in() -> None:
    with pytest.raises(UsageError, match="QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD"):
        opened(Api(), whose=Credentials(token="a-token"), **BY_TOKEN)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"login": LOGIN, "credentials": {"A": "{token}"}}, "token, or cookie"),
        ({**BY_TOKEN, "credentials": {"A": "{username}"}}, "is nowhere"),
        ({"credentials": {"Cookie": "{cookie}"}}, r"wants a \[mapping.login\]"),
        (
            {**BY_TOKEN, "login": {**BY_TOKEN["login"], "json": {"a": "{token}"}}},
            "nothing fills in",
        ),
    ],
)
def test_a_login_that_does_not_fit_is_refused_when_it_is_read(
    tables: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        load_mapping({**TABLES, **tables}, where="[mapping]")


@pytest.mark.parametrize(
    ("refused", "status"),
    [({"at": "error", "status": "error.code"}, 404), ({"unless": "ok"}, 400)],
    ids=["an error", "a flag"],
)
def test_a_refusal_in_a_good_answer_is_a_refusal(refused: dict[str, str], status: int) -> None:
    """Answers without one, or with an empty one, are what they were."""
    adapter, vantage = opened(Api(in_band=True), whose=Credentials(), refused=refused)

    async def play() -> tuple[Any, Any]:
        await adapter.prepare(vantage, answer_s=1.0)
        known = await adapter.status(vantage, "0", within_s=1.0)
        return known, await adapter.status(vantage, "nobody's", within_s=1.0)

    known, unknown = asyncio.run(play())

    assert (known.outcome, known.state) == (Outcome.OK, "done")
    assert (unknown.kind, unknown.status) == (Kind.REFUSAL, status)


def test_without_the_table_such_an_answer_is_taken_for_what_its_status_says() -> None:
    adapter, vantage = opened(Api(in_band=True), whose=Credentials())

    unknown = asyncio.run(adapter.status(vantage, "nobody's", within_s=1.0))

    assert unknown.kind is Kind.SUCCESS


def test_a_refusal_that_is_found_beside_a_jobs_id_is_the_mappings_mistake() -> None:
    with pytest.raises(UsageError, match=r'refused\] at = "ok" finds a refusal .* names a job'):
        prepared(Api(in_band=True), whose=Credentials(), refused={"at": "ok"})


def refuses(answer: httpx.Response) -> Answer:
    """An API whose every POST is answered so, and nothing else asked of it."""
    return lambda request: answer if request.method == "POST" else httpx.Response(200)


@pytest.mark.parametrize("tables", [{}, BY_TOKEN], ids=["submit", "login"])
def test_a_redirect_to_tls_is_told_with_the_url_to_give(tables: dict[str, Any]) -> None:
    """It is no mistake of the mapping."""
    asked = "/login" if tables else "/jobs"
    leads_to = httpx.Response(301, headers={"location": f"https://api.test:8443{asked}"})

    with pytest.raises(TargetUnreachable, match=r"give https://api\.test:8443$"):
        prepared(refuses(leads_to), **tables)


def test_a_redirect_on_the_same_server_is_left_to_the_mapping() -> None:
    """To what was made, for example: the answer to a submit has to be a success."""
    made = httpx.Response(303, headers={"location": "/jobs/1"})

    with pytest.raises(UsageError, match=r"submit\] request = .* is answered 303"):
        prepared(refuses(made))


def test_a_front_that_does_not_let_a_submit_through_is_no_mistake_of_the_mapping() -> None:
    page = "<html><title>413 Request Entity Too Large</title><center>nginx</center></html>"

    with pytest.raises(TargetUnreachable, match=r"nginx answered 413 .* client_max_body_size"):
        prepared(refuses(httpx.Response(413, text=page)))
