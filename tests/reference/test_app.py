"""What the web application answers, played in this process on the in-memory queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from reference_impl.langflow import auth

from .in_process import SOURCE, Client, eventually, login, names, whole
from .in_process import play as play


def test_without_valid_credentials_nothing_is_answered(play: Callable[..., None]) -> None:
    """403 without, 401 with bad ones, as the real system words them."""

    async def scenario(client: Client) -> None:
        path = "/api/v1/monitor/job_queue"
        none = await client.http.get(path)
        bad = await client.http.get(path, headers={"Authorization": "Bearer a.b.c"})
        wrong = await client.http.post("/api/v1/login", data={"username": "root", "password": "x"})
        assert (none.status_code, none.json()["detail"]) == (
            403,
            "No authentication credentials provided",
        )
        assert (bad.status_code, bad.json()["detail"]) == (401, "Invalid token")
        assert (wrong.status_code, wrong.json()["detail"]) == (
            401,
            "Incorrect username or password",
        )

    play(scenario)


def test_a_new_user_is_inactive_then_plain_then_gone(play: Callable[..., None]) -> None:
    """And at no time may they see the monitor."""

    async def scenario(root: Client) -> None:
        account = {"username": "ann", "password": "pw"}
        made = await root.post("/users/", account)
        assert (made.status_code, made.json()["is_active"]) == (201, False)
        assert (await root.post("/users/", account)).status_code == 400
        early = await root.http.post("/api/v1/login", data=account)
        assert early.status_code == 400
        path = f"/api/v1/users/{made.json()['id']}"
        done = await root.http.patch(path, json={"is_active": True}, headers=root.headers)
        assert done.json()["is_active"] is True
        ann = await login(root.http, "ann", "pw")
        assert (await ann.get("/users/whoami")).json()["username"] == "ann"
        assert (await ann.get("/monitor/job_queue")).status_code == 403
        assert (await ann.post("/users/", account)).status_code == 403
        assert (await root.http.delete(path, headers=root.headers)).status_code == 200
        assert (await ann.get("/users/whoami")).status_code == 401

    play(scenario)


def test_the_in_memory_monitor_has_two_fields(play: Callable[..., None]) -> None:
    """Langflow 1.10, Monitor the job queue."""

    async def scenario(client: Client) -> None:
        snapshot = (await client.get("/monitor/job_queue")).json()
        assert snapshot == {"backend": "asyncio", "active_jobs": 0}

    play(scenario)


def test_a_job_is_streamed_and_polled_whole(play: Callable[..., None]) -> None:
    """After its end too; a poll after the end repeats only the end."""

    async def scenario(client: Client) -> None:
        job = await client.submit(ticks=3, interval_s=0.01)
        assert await client.stream(job) == whole(3)
        assert await client.stream(job) == whole(3)
        first = await client.poll(job)
        assert names(first.text) == whole(3)
        assert first.headers["x-job-state"] == "completed"
        assert first.headers["x-events-cursor"] == "7-0"
        assert names((await client.poll(job)).text) == ["end"]
        assert names((await client.poll(job, after="5-0")).text) == ["end_vertex", "end"]
        assert (await client.poll(job, after="soon")).status_code == 422

    play(scenario)


def test_a_poll_with_nothing_to_tell_is_held_and_then_says_so(play: Callable[..., None]) -> None:
    """200, empty, still running."""

    async def scenario(client: Client) -> None:
        job = await client.submit(ticks=1, interval_s=60)
        got: list[str] = []
        while "tick-0" not in got:
            got += names((await client.poll(job)).text)
        quiet = await client.poll(job)
        assert (quiet.status_code, quiet.text) == (200, "")
        assert quiet.headers["x-job-state"] == "running"

    play(scenario, REFERENCE_POLL_HOLD_S="0.1")


def test_a_failing_component_ends_its_stream_with_error_and_end(play: Callable[..., None]) -> None:
    """In the measured order."""

    async def scenario(client: Client) -> None:
        events = await client.stream(await client.submit(ticks=1, fail=True))
        assert events[-3:] == ["error", "end_vertex", "end"]

    play(scenario)


@pytest.mark.parametrize(
    "exit_", ["raise SystemExit(3)", "raise KeyboardInterrupt"], ids=["exit", "interrupt"]
)
@pytest.mark.parametrize("method", ["async def", "def"], ids=["on the loop", "in a thread"])
def test_a_component_that_exits_fails_its_own_job_alone(
    play: Callable[..., None], method: str, exit_: str
) -> None:
    """Neither a thread nor the worker's loop ends with it; the next job is as good as ever."""
    source = SOURCE.replace("async def", method).replace("await asyncio.sleep(INTERVAL)", exit_)

    async def scenario(client: Client) -> None:
        ended = await client.stream(await client.submit(source=source))
        assert ended[-3:] == ["error", "end_vertex", "end"]
        assert await client.stream(await client.submit()) == whole(3)

    play(scenario)


def test_source_that_exits_as_it_is_loaded_is_refused(play: Callable[..., None]) -> None:
    """As any other source that cannot be loaded."""

    async def scenario(client: Client) -> None:
        refused = await client.post("/custom_component", {"code": "import sys; sys.exit(2)"})
        assert (refused.status_code, "SystemExit" in refused.json()["detail"]) == (400, True)

    play(scenario)


def test_a_refused_login_costs_the_same_for_an_unknown_name(
    play: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash each: how long a refusal takes tells nobody which names exist."""
    hashed: list[str] = []
    verify = auth.verify_password

    def counted(password: str, kept: str) -> bool:
        hashed.append(password)
        return verify(password, kept)

    monkeypatch.setattr(auth, "verify_password", counted)

    async def scenario(client: Client) -> None:
        hashed.clear()
        for name in ("root", "stranger"):
            form = {"username": name, "password": f"not {name}'s"}
            assert (await client.http.post("/api/v1/login", data=form)).status_code == 401

    play(scenario)
    assert hashed == ["not root's", "not stranger's"]


def test_broken_source_is_refused_and_a_broken_graph_fails_its_job(
    play: Callable[..., None],
) -> None:
    """400 for the one; error and end for the other."""

    async def scenario(client: Client) -> None:
        refused = await client.post("/custom_component", {"code": "def ("})
        assert (refused.status_code, "SyntaxError" in refused.json()["detail"]) == (400, True)
        flow = await client.post("/flows/", {"name": "f", "data": {"nodes": [{"id": "n"}]}})
        job = (await client.post(f"/build/{flow.json()['id']}/flow")).json()["job_id"]
        assert await client.stream(job) == ["error", "end"]

    play(scenario)


def test_a_cancelled_job_says_so_and_the_answer_comes_after(play: Callable[..., None]) -> None:
    """Twice gives the same answer; a finished job stays finished."""

    async def scenario(client: Client) -> None:
        job = await client.submit(ticks=1, interval_s=60)
        first = await client.post(f"/build/{job}/cancel")
        assert first.json() == {"success": True, "message": "Flow build cancelled successfully"}
        assert (await client.stream(job))[-1] == "cancelled"
        assert (await client.post(f"/build/{job}/cancel")).json() == first.json()
        done = await client.submit()
        await client.stream(done)
        late = (await client.post(f"/build/{done}/cancel")).json()
        assert (late["success"], "already finished" in late["message"]) == (True, True)
        assert (await client.stream(done))[-1] == "end"

    play(scenario)


def test_jobs_and_flows_of_others_do_not_exist(play: Callable[..., None]) -> None:
    """404, worded like a job that never was."""

    async def scenario(root: Client) -> None:
        job = await root.submit(ticks=1, interval_s=60)
        account = {"username": "eve", "password": "pw"}
        made = (await root.post("/users/", account)).json()
        path = f"/api/v1/users/{made['id']}"
        await root.http.patch(path, json={"is_active": True}, headers=root.headers)
        eve = await login(root.http, "eve", "pw")
        for answer in (
            await eve.poll(job),
            await eve.post(f"/build/{job}/cancel"),
            await root.poll("nonesuch"),
        ):
            assert answer.status_code == 404
            assert answer.json()["detail"].startswith("Job not found: ")
        assert (await eve.get("/flows/")).json() == []
        [flow] = (await root.get("/flows/")).json()
        assert (await eve.get(f"/flows/{flow['id']}")).status_code == 404
        assert (await eve.post(f"/build/{flow['id']}/flow")).status_code == 404
        bogus = await root.get(f"/build/{job}/events", event_delivery="bogus")
        assert bogus.status_code == 422

    play(scenario)


def test_the_grace_ends_a_reading_but_not_the_job(play: Callable[..., None]) -> None:
    """Marked; whoever comes later sees everything."""

    async def scenario(client: Client) -> None:
        slow = SOURCE + "\nimport time\n_z = time.sleep(0.4)\n"
        code = slow.replace("TICKS", "1").replace("INTERVAL", "0").replace("FAIL", "False")
        made = (await client.post("/custom_component", {"code": code})).json()
        node = {"id": "n", "data": {"id": "n", "type": made["type"], "node": made["data"]}}
        flow = await client.post("/flows/", {"name": "f", "data": {"nodes": [node]}})
        job = (await client.post(f"/build/{flow.json()['id']}/flow")).json()["job_id"]
        assert await client.stream(job) == ["error", "end"]
        assert "startup_grace" in (await client.poll(job)).text

        async def complete() -> bool:
            seen = await client.stream(job)
            return seen == whole(1)

        await eventually(complete)
        assert names((await client.poll(job)).text) == whole(1)

    play(scenario, LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S="0.1")


def test_automatic_login_is_a_setting(play: Callable[..., None]) -> None:
    """Off: 403 and why. On: a token."""

    async def off(client: Client) -> None:
        answer = await client.http.get("/api/v1/auto_login")
        assert answer.status_code == 403
        assert answer.json()["detail"]["auto_login"] is False

    async def on(client: Client) -> None:
        assert "access_token" in (await client.http.get("/api/v1/auto_login")).json()

    play(off)
    play(on, LANGFLOW_AUTO_LOGIN="true")


def test_an_abandoned_build_is_reclaimed(play: Callable[..., None]) -> None:
    """The watchdog cancels what nobody reads."""

    async def scenario(client: Client) -> None:
        job = await client.submit(ticks=1, interval_s=60)

        async def idle() -> bool:
            active: int = (await client.get("/monitor/job_queue")).json()["active_jobs"]
            return active == 0

        await eventually(idle)
        answer = await client.poll(job)
        assert names(answer.text)[-1] == "cancelled"
        assert '"watchdog"' in answer.text

    play(
        scenario,
        LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S="0.2",
        LANGFLOW_REDIS_QUEUE_POLLING_WATCHDOG_INTERVAL_S="0.05",
    )


def test_a_thread_that_is_cancelled_stops(play: Callable[..., None], tmp_path: Path) -> None:
    """A plain method runs in a thread, and its effects end with its job."""
    witness = tmp_path / "witness"
    source = f"""
import time
from langflow.custom import Component
from langflow.io import Output

class Busy(Component):
    outputs = [Output(display_name="Out", name="out", method="run")]

    def run(self):
        while True:
            open({str(witness)!r}, "a").close()
            self.log("again")
            time.sleep(0.005)
"""

    async def scenario(client: Client) -> None:
        made = (await client.post("/custom_component", {"code": source})).json()
        node = {"id": "n", "data": {"id": "n", "type": made["type"], "node": made["data"]}}
        flow = await client.post("/flows/", {"name": "f", "data": {"nodes": [node]}})
        job = (await client.post(f"/build/{flow.json()['id']}/flow")).json()["job_id"]

        async def seen() -> bool:
            return witness.exists()

        await eventually(seen)
        assert (await client.post(f"/build/{job}/cancel")).json()["success"] is True
        await asyncio.sleep(0.1)
        witness.unlink()
        await asyncio.sleep(0.1)
        assert not witness.exists()

    play(scenario)
