"""Requests are made as the mapping writes them, in the name of whoever makes them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from queueproof.config.mapping import load_mapping
from queueproof.config.model import Credentials
from queueproof.errors import NotAssessed, UsageError
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.protocol import Role

EVENT = {"kind": "k", "number": "n", "tick": ["t"]}
SUBMIT = {
    "request": "POST /run",
    "job_id": "id",
    "form": {"n": "{ticks}", "every": "{interval_ms}", "fail": "{fail_at}"},
    "headers": {"X-Key": "probe-{key}"},
    "unknown": {"kind": "none"},
}
POLL = {"request": "GET /run/{job}", "query": {"from": "{after}"}, "events": ".", "position": "p"}
USER = Credentials(username="ann", password="one", other_username="bob", other_password="two")


def client(credentials: dict[str, str], given: Credentials = USER) -> GenericClient:
    tables = {"submit": SUBMIT, "poll": POLL, "event": EVENT, "credentials": credentials}
    return GenericClient(load_mapping(tables, where="[mapping]"), given)


def request(role: Role = Role.USER, **values: Any) -> tuple[str, dict[str, Any]]:
    named = {"job": "a/b", "after": None, **values}
    return client({"Authorization": "Basic {basic}"}).request("poll", named, role=role)


def test_a_form_is_filled_and_leaves_out_what_has_no_value() -> None:
    values = {"ticks": 3, "interval_ms": 50, "fail_at": None, "key": "k"}

    path, parts = client({}).request("submit", values)

    assert path == "/run"
    assert parts == {"headers": {"X-Key": "probe-k"}, "data": {"n": "3", "every": "50"}}


def test_a_body_may_be_replaced() -> None:
    values = {"ticks": 3, "interval_ms": 50, "fail_at": None, "key": "k"}

    _, parts = client({}).request("submit", values, body={"kind": "none"})

    assert parts["data"] == {"kind": "none"}


def test_a_job_in_a_path_is_quoted_and_a_position_travels_once_it_is_known() -> None:
    assert request()[0] == "/run/a%2Fb"
    assert request()[1]["params"] == {}
    assert request(after="7")[1]["params"] == {"from": "7"}


@pytest.mark.parametrize(("role", "pair"), [(Role.USER, b"ann:one"), (Role.OTHER, b"bob:two")])
def test_everybody_has_their_own_credentials(role: Role, pair: bytes) -> None:
    wanted = f"Basic {base64.b64encode(pair).decode()}"

    assert request(role)[1]["headers"] == {"Authorization": wanted}


def test_nobody_has_none_and_a_forger_wrong_ones() -> None:
    assert request(Role.NOBODY)[1]["headers"] == {}
    assert "forged" in request(Role.FORGER)[1]["headers"]["Authorization"]


@pytest.mark.parametrize("secret", ["sécret-0123", "line\nX-Other: 1", "tab\tbed", " padded-0123 "])
@pytest.mark.parametrize("whose", ["password", "other_password"])
def test_what_no_header_can_carry_is_refused_and_not_repeated(secret: str, whose: str) -> None:
    """Before anything is sent; encoded it travels well."""
    users = {"username": "ann", "password": "one", "other_username": "bob", "other_password": "two"}
    given = Credentials(**{**users, whose: secret})

    with pytest.raises(UsageError, match="plain ASCII") as refused:
        client({"X-Password": "{username}", "X-Secret": "{password}"}, given)

    assert secret not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert client({"Authorization": "Basic {basic}"}, given).has(Role.USER)


def test_without_credentials_in_the_mapping_nobody_can_be_refused() -> None:
    with pytest.raises(NotAssessed, match=r"need .mapping.credentials."):
        client({}).request("poll", {"job": "j", "after": None}, role=Role.NOBODY)


def test_a_second_user_is_there_only_with_complete_credentials() -> None:
    alone = Credentials(username="ann", password="one", other_username="bob")

    assert client({"Authorization": "Basic {basic}"}).has(Role.OTHER)
    assert not client({"Authorization": "Basic {basic}"}, alone).has(Role.OTHER)
    with pytest.raises(UsageError, match="not complete"):
        client({"Authorization": "Bearer {token}"})


def test_what_the_mapping_does_not_name_is_not_assessed() -> None:
    with pytest.raises(NotAssessed, match="the mapping names no stream"):
        client({}).call("stream")
