"""What a run has disturbed and not yet healed, on disk, so that a killed run's leftovers are found.

Every disturbance that would outlive the harness is written down before it is made and struck out
after it was healed. A journal whose writer no longer lives holds leftovers. No entry carries a
secret: a Redis server is named by its address, and the next run knows how to log in.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from redis.exceptions import RedisError

from queueproof.config.redis_url import address_of_redis
from queueproof.errors import HarnessError
from queueproof.stack.cache import cache_folder
from queueproof.stack.toxiproxy_api import ToxiproxyApi
from queueproof.targets.redis_view import RedisView, command

KINDS = frozenset({"toxic", "proxy", "signal", "redis", "frozen"})
#: Thaws what is called so: whether it did, None for what it does not know.
Thaw = Callable[[str], Awaitable[bool | None]]
_FORGOTTEN_AFTER_S = 30 * 24 * 3600.0


@dataclass(frozen=True)
class Undo:
    """One thing to undo.

    kind   `toxic` (remove it), `proxy` (set `what` on it), `signal` (thaw a process),
           `redis` (send commands), `frozen` (have the executor thaw an instance)
    where  the API's URL, the server's address, what the executor calls it, or empty for a process
           of this machine
    what   the rest, as JSON knows it
    """

    kind: str
    where: str
    what: Mapping[str, Any] = field(default_factory=dict)


class Journal:
    """This run's notes; the file is there only while something is unhealed.

    `keeps` are the kinds worth noting: what ends with the run anyway needs no undoing.
    """

    def __init__(self, folder: Path | None = None, *, keeps: frozenset[str] = KINDS) -> None:
        me = psutil.Process()
        self._keeps = keeps
        folder = folder or cache_folder("leftovers")
        self._path = folder / f"{me.pid}-{me.create_time():.0f}-{id(self):x}.json"
        self._open: dict[int, Undo] = {}
        self._next = 0

    def note(self, undo: Undo) -> int:
        """Write down what is about to be disturbed; returns the entry's number."""
        self._next += 1
        if undo.kind not in self._keeps:
            return self._next
        self._open[self._next] = undo
        self._save()
        return self._next

    def done(self, number: int) -> None:
        """Strike out an entry; twice is fine."""
        if self._open.pop(number, None) is not None:
            self._save()

    @contextmanager
    def noted(self, undo: Undo) -> Iterator[None]:
        """An entry that lasts as long as the body."""
        number = self.note(undo)
        try:
            yield
        finally:
            self.done(number)

    def _save(self) -> None:
        if not self._open:
            self._path.unlink(missing_ok=True)
            return
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps([asdict(undo) for undo in self._open.values()]), "utf-8")
        draft.replace(self._path)


async def heal_leftovers(
    *,
    api: ToxiproxyApi | None = None,
    redis: RedisView | None = None,
    thaw: Thaw | None = None,
    folder: Path | None = None,
) -> tuple[str, ...]:
    """Undo what killed runs left, as far as it is within reach; one sentence for each.

    What belongs to another Toxiproxy or Redis stays noted for a run on that one.
    """
    told = []
    for path in sorted((folder or cache_folder("leftovers")).glob("*.json")):
        if _writer_lives(path):
            continue
        kept = []
        for undo in _read(path):
            said = await _undo(undo, api, redis, thaw)
            if said is None:
                kept.append(asdict(undo))
            elif said:
                told.append(said)
        if kept and time.time() - path.stat().st_mtime < _FORGOTTEN_AFTER_S:
            _keep(path, kept)
        else:
            path.unlink(missing_ok=True)
    return tuple(told)


def _keep(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the rest back; its age stays that of the run that left it."""
    written = path.stat().st_mtime
    path.write_text(json.dumps(rows), "utf-8")
    os.utime(path, (written, written))


def address_of(redis: RedisView) -> str:
    """Host and port of a Redis server, or who tells them, which is how leftovers name it."""
    return address_of_redis(redis.url)


def _read(path: Path) -> list[Undo]:
    try:
        return [Undo(**row) for row in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _writer_lives(path: Path) -> bool:
    pid, _, rest = path.name.partition("-")
    created = rest.partition("-")[0]
    with suppress(psutil.Error, ValueError):
        return f"{psutil.Process(int(pid)).create_time():.0f}" == created
    return False


async def _undo(
    undo: Undo, api: ToxiproxyApi | None, redis: RedisView | None, thaw: Thaw | None
) -> str | None:
    """What was done about it; empty when there was nothing left to do, None when out of reach."""
    if undo.kind == "signal":
        return _thaw(undo)
    if undo.kind == "frozen":
        return await _thaw_instance(undo, thaw)
    if undo.kind == "redis":
        return await _send(undo, redis)
    return await _restore_proxy(undo, api)


def _thaw(undo: Undo) -> str:
    pid = int(undo.what["pid"])
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - undo.what["created"]) < 1.0
        if same and process.status() == psutil.STATUS_STOPPED:
            os.kill(pid, signal.SIGCONT)
            return f"process {pid}, frozen by a run that was killed, is thawed"
    except (psutil.Error, OSError):
        pass
    return ""


async def _thaw_instance(undo: Undo, thaw: Thaw | None) -> str | None:
    if thaw is None:
        return None
    if (thawed := await thaw(undo.where)) is None:
        return None
    return f"{undo.where}, frozen by a run that was killed, is thawed" if thawed else ""


async def _send(undo: Undo, redis: RedisView | None) -> str | None:
    if redis is None or address_of(redis) != undo.where:
        return None
    try:
        for words in undo.what["commands"]:
            await command(redis.client(), *words)
    except (RedisError, OSError):
        return None
    said = "; ".join(" ".join(words) for words in undo.what["commands"])
    return f"Redis at {undo.where}, disturbed by a run that was killed, is restored: {said}"


async def _restore_proxy(undo: Undo, api: ToxiproxyApi | None) -> str | None:
    if api is None or api.url != undo.where:
        return None
    name = str(undo.what["proxy"])
    try:
        if name not in await api.proxies():
            return ""
        if undo.kind == "toxic":
            toxic = str(undo.what["toxic"])
            if toxic not in (await api.proxy(name)).toxics:
                return ""
            await api.remove(name, toxic)
            return f"toxic {toxic}, left on proxy {name} by a run that was killed, is removed"
        return await _reset_proxy(api, name, undo.what["set"])
    except HarnessError:
        return None


async def _reset_proxy(api: ToxiproxyApi, name: str, settings: Mapping[str, Any]) -> str:
    state = await api.proxy(name)
    if all(getattr(state, key) == value for key, value in settings.items()):
        return ""
    if "upstream" in settings:
        await api.point_at(name, settings["upstream"])
    else:
        await api.switch(name, enabled=bool(settings["enabled"]))
    return f"proxy {name}, changed by a run that was killed, is as it was"
