"""API keys of the reference, as Langflow has them: made, masked, used, removed."""

from __future__ import annotations

from collections.abc import Callable

from .in_process import Client, login
from .in_process import play as play

BASIC = "Basic am9lOnNlY3JldA=="


def test_a_key_speaks_for_its_user_until_it_is_removed(play: Callable[..., None]) -> None:
    """As a header or in the query; shown once, masked ever after."""

    async def scenario(root: Client) -> None:
        made = (await root.post("/api_key/", {"name": "ci"})).json()
        key, path = made["api_key"], "/api/v1/users/whoami"
        assert key.startswith("sk-")
        listed = (await root.get("/api_key/")).json()
        assert (listed["total_count"], listed["api_keys"][0]["name"]) == (1, "ci")
        assert listed["api_keys"][0]["api_key"] == f"{key[:8]}********"

        by_header = await root.http.get(path, headers={"x-api-key": key})
        by_query = await root.http.get(path, params={"x-api-key": key})
        assert by_header.json()["username"] == by_query.json()["username"] == "root"

        gone = await root.http.delete(f"/api/v1/api_key/{made['id']}", headers={"x-api-key": key})
        assert gone.status_code == 200
        refused = await root.http.get(path, headers={"x-api-key": key})
        assert (refused.status_code, refused.json()["detail"]) == (
            403,
            "Invalid or missing API key",
        )

    play(scenario)


def test_a_token_comes_before_a_key_and_beside_anothers_authorization(
    play: Callable[..., None],
) -> None:
    """As the web client's cookie, where a front has the Authorization header."""

    async def scenario(root: Client) -> None:
        path = "/api/v1/users/whoami"
        token = root.headers["Authorization"].removeprefix("Bearer ")
        cookie = {"Cookie": f"access_token_lf={token}", "Authorization": BASIC}
        assert (await root.http.get(path, headers=cookie)).json()["username"] == "root"
        assert (await root.http.get(path, headers={"Authorization": BASIC})).status_code == 403
        bad = {"Authorization": "Bearer a.b.c", "x-api-key": "sk-whatever-it-is"}
        assert (await root.http.get(path, headers=bad)).status_code == 401

    play(scenario)


def test_nobody_removes_or_sees_anothers_key(play: Callable[..., None]) -> None:
    async def scenario(root: Client) -> None:
        made = (await root.post("/api_key/", {})).json()
        account = {"username": "ann", "password": "pw"}
        user = (await root.post("/users/", account)).json()
        path = f"/api/v1/users/{user['id']}"
        await root.http.patch(path, json={"is_active": True}, headers=root.headers)
        ann = await login(root.http, "ann", "pw")
        own = (await ann.post("/api_key/", {})).json()["api_key"]

        assert (await ann.get("/api_key/")).json()["total_count"] == 1
        there = f"/api/v1/api_key/{made['id']}"
        assert (await root.http.delete(there, headers=ann.headers)).status_code == 400
        # With its user a key goes too.
        await root.http.delete(path, headers=root.headers)
        who = await root.http.get("/api/v1/users/whoami", headers={"x-api-key": own})
        assert who.status_code == 403

    play(scenario)
