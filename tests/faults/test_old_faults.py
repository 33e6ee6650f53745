"""What killed runs have left disturbed is undone, and nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from redis.exceptions import NoPermissionError

from queueproof.config.model import TargetConfig
from queueproof.faults.refused_command import RefusedCommand
from queueproof.faults.shared.config_change import ConfigChange
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.processes.signalling import Victim
from queueproof.stack.journal import Journal, Undo, heal_leftovers
from queueproof.stack.old_faults import heal_old_faults
from queueproof.targets.redis_view import RedisView, command
from queueproof.waiting import eventually
from tests.faults.conftest import Lab
from tests.faults.test_stack import declared, open_declared

_SET_USER = ("ACL", "SETUSER", "target", "on", ">word")
_RIGHTS = ("~*", "&*", "+@all", "-publish")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leftovers of these tests are nobody else's."""
    monkeypatch.setenv("QUEUEPROOF_CACHE", str(tmp_path))
    (tmp_path / "leftovers").mkdir()
    return tmp_path / "leftovers"


def _notes(cache: Path) -> list[Path]:
    return list(cache.glob("*.json"))


def hand_over(cache: Path, *, elsewhere: bool = False) -> Path:
    """Make the only note there is one of a process of our number that began at another time, or of
    one on another machine.
    """
    (note,) = cache.glob("*.json")
    place, pid, _, number = note.stem.split("-")
    place = "0" * len(place) if elsewhere else place
    return note.rename(cache / f"{place}-{pid}-1-{number}.json")


def test_what_a_killed_run_changed_is_as_it_was(lab: Lab, cache: Path) -> None:
    """A disabled proxy and a setting of Redis, by the notes of a process that is gone."""

    async def leave() -> None:
        journal = Journal(cache)
        api = lab.toxiproxy.api
        what = {"proxy": "way-0", "set": {"enabled": True}}
        journal.note(Undo("proxy", api.url, what))
        settings = {"commands": [["CONFIG", "SET", "maxmemory", "0"]]}
        journal.note(Undo("redis", f"127.0.0.1:{lab.redis.port}", settings))
        journal.note(Undo("redis", "elsewhere:6379", settings))
        await api.switch("way-0", enabled=False)
        await lab.stack.redis.view.client().config_set("maxmemory", "100mb")
        hand_over(cache)

    lab.run(leave())
    told = open_declared(lab, declared(lab))
    assert len(told) == 2
    assert lab.run(lab.toxiproxy.api.proxy("way-0")).enabled
    limit = lab.run(lab.stack.redis.view.client().config_get("maxmemory"))
    assert limit["maxmemory"] == "0"
    (kept,) = cache.glob("*.json")
    assert "elsewhere" in kept.read_text()


def test_a_living_runs_disturbances_are_left_alone(lab: Lab, cache: Path) -> None:
    """Two runs side by side do not heal each other's faults."""
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    async def play() -> None:
        frozen = FrozenProcess(Victim.started(sleeper.pid), "sleeper", journal=Journal(cache))
        await frozen.apply()
        assert await heal_leftovers(folder=cache) == ()
        assert "stopped" in await frozen.confirm()
        hand_over(cache)
        (told,) = await heal_leftovers(folder=cache)
        assert "thawed" in told
        assert psutil.Process(sleeper.pid).status() != psutil.STATUS_STOPPED
        await frozen.heal()

    try:
        lab.run(play())
    finally:
        sleeper.kill()
        sleeper.wait()
        sleeper.wait()


def test_what_somebody_has_changed_since_is_left_alone(lab: Lab, cache: Path) -> None:
    """An operator's setting, weeks later, is no leftover of ours."""

    async def play() -> tuple[tuple[str, ...], dict[str, str]]:
        view = lab.stack.redis.view
        await ConfigChange(view, Journal(cache)).make({"maxmemory": "100mb"})
        hand_over(cache)
        await view.client().config_set("maxmemory", "200mb")
        told = await heal_leftovers(redis=view, folder=cache)
        limit = await view.client().config_get("maxmemory")
        await view.client().config_set("maxmemory", "0")
        return told, limit

    (told,), limit = lab.run(play())
    assert "was changed since" in told
    assert limit["maxmemory"] == str(200 << 20)
    assert not list(cache.glob("*.json"))


def test_another_machines_notes_wait_and_name_nothing_here(lab: Lab, cache: Path) -> None:
    """In a shared folder: its writer may live, and its process numbers are not ours."""
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    async def status() -> str:
        return str(psutil.Process(sleeper.pid).status())

    async def play() -> None:
        view, journal = lab.stack.redis.view, Journal(cache)
        await ConfigChange(view, journal).make({"maxmemory": "100mb"})
        frozen = FrozenProcess(Victim.started(sleeper.pid), "sleeper", journal=journal)
        await frozen.apply()
        note = hand_over(cache, elsewhere=True)
        assert await heal_leftovers(redis=view, folder=cache) == ()
        os.utime(note, (0, time.time() - 2 * 3600))
        (told,) = await heal_leftovers(redis=view, folder=cache)
        assert "is restored" in told
        # A signal takes effect when its process is next on a processor.
        _, frozen_still = await eventually(
            status, lambda seen: seen == psutil.STATUS_STOPPED, within_s=5.0
        )
        assert frozen_still
        assert [row["kind"] for row in json.loads(note.read_text("utf-8"))] == ["signal"]
        await frozen.heal()

    try:
        lab.run(play())
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_user_gets_back_exactly_what_a_killed_run_took(lab: Lab, cache: Path) -> None:
    """The target's user may be everybody's; a right that it never had is not given to it."""

    async def play() -> None:
        admin = lab.stack.redis.view.client()
        await command(admin, *_SET_USER, *_RIGHTS)
        before = await command(admin, "ACL", "LIST")
        port = lab.redis.port
        view = RedisView(f"redis://target:word@127.0.0.1:{port}/1")
        try:
            for killed in (True, False):
                fault = RefusedCommand(view, "set", "publish")
                await fault.apply()
                with pytest.raises(NoPermissionError):
                    await view.client().set("a", "1")
                if killed:
                    hand_over(cache)
                    assert fault._own is not None
                    await fault._own.aclose()
                    (told,) = await heal_leftovers(redis=view, folder=cache)
                    assert "ACL SETUSER target +@all -publish" in told
                else:
                    await fault.heal()
                assert await command(admin, "ACL", "LIST") == before
                assert _notes(cache) == []
        finally:
            await view.close()
            await command(admin, "ACL", "DELUSER", "target")

    lab.run(play())


def test_a_gate_undoes_what_a_killed_one_left_only_where_it_may_disturb(
    lab: Lab, cache: Path
) -> None:
    """Without --disposable Redis is sent nothing that writes: what is left is told."""
    url = lab.redis.url(1)

    async def leave() -> None:
        view = RedisView(url)
        await ConfigChange(view, Journal(cache)).make({"maxmemory": "100mb"})
        await view.close()

    lab.run(leave())
    hand_over(cache)
    told = [
        lab.run(heal_old_faults(TargetConfig(redis_url=url, disposable=disposable)))
        for disposable in (False, True, True)
    ]
    assert "a run with --disposable restores it" in told[0][0]
    assert "is restored" in told[1][0]
    assert told[2] == []
