"""What a run has disturbed and not yet healed, on disk, so that a killed run's leftovers are found.

Every disturbance that would outlive the harness is written down before it is made and struck out
after it was healed. A journal whose writer no longer lives holds leftovers. No entry carries a
secret: a Redis server is named by its address, and the next run knows how to log in.

What was left is undone only where it is as it was left: a process by its birth, a server by what it
answers. What somebody has changed since is somebody's affair. Of another machine's writer (a shared
folder, a container) nobody can tell whether it lives: its notes count once they are old, and then
only those that name something beyond its machine, or that tell how to recognise it.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
from redis.exceptions import RedisError

from queueproof.config.redis_url import address_of_redis
from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.processes.signalling import NotSignalled, Victim
from queueproof.stack.cache import cache_folder, cache_place
from queueproof.stack.toxiproxy_api import ToxiproxyApi
from queueproof.targets.marks import is_of_gone_process, is_of_here, process_mark
from queueproof.targets.redis_view import RedisView, command

KINDS = frozenset({"toxic", "proxy", "signal", "redis", "frozen"})
#: Thaws what is called so: whether it did, None for what it does not know.
Thaw = Callable[[str], Awaitable[bool | None]]
_FORGOTTEN_AFTER_S = 30 * 24 * 3600.0
#: No fault lasts so long: a writer on another machine that noted nothing since is taken for gone.
_ELSEWHERE_GONE_AFTER_S = 3600.0
#: What these mean on another machine is another process or proxy here.
_OF_ONE_MACHINE = frozenset({"signal", "proxy"})


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

    def so_long_as(self, redis_says: list[list[Any]]) -> Undo:
        """The same, to be undone only while the server still answers so (see `redis_says`)."""
        return replace(self, what={**self.what, "while": redis_says})


class Journal:
    """This run's notes; the file is there only while something is unhealed.

    `keeps` are the kinds worth noting: what ends with the run anyway needs no undoing.
    """

    def __init__(self, folder: Path | None = None, *, keeps: frozenset[str] = KINDS) -> None:
        self._keeps = keeps
        self._folder = folder
        self._open: dict[int, Undo] = {}
        self._next = 0

    def note(self, undo: Undo) -> int:
        """Write down what is about to be disturbed; returns the entry's number.

        Raises NotAssessed where it cannot be written.
        """
        self._next += 1
        if undo.kind not in self._keeps:
            return self._next
        self._open[self._next] = undo
        try:
            self._save()
        except (OSError, UsageError) as error:
            del self._open[self._next]
            raise NotAssessed(
                f"nothing is disturbed that a killed run could not note for the next: {error}"
            ) from None
        return self._next

    def amend(self, number: int, undo: Undo) -> None:
        """Exchange an entry by what is known better now."""
        if number in self._open:
            self._open[number] = undo
            with suppress(OSError, UsageError):  # what is noted already suffices
                self._save()

    def done(self, number: int) -> None:
        """Strike out an entry; twice is fine."""
        if self._open.pop(number, None) is not None:
            with suppress(OSError, UsageError):
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
        folder = self._folder or cache_folder("leftovers")
        path = folder / f"{process_mark()}-{id(self):x}.json"
        if not self._open:
            path.unlink(missing_ok=True)
            return
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps([asdict(undo) for undo in self._open.values()]), "utf-8")
        draft.replace(path)


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
    for path in sorted((folder or cache_place("leftovers")).glob("*.json")):
        if not _is_left(path):
            continue
        kept = []
        for undo in _read(path):
            elsewhere = undo.kind in _OF_ONE_MACHINE or (
                undo.kind == "redis" and "while" not in undo.what
            )
            reached = not elsewhere or is_of_here(_writer(path))
            said = await _undo(undo, api, redis, thaw) if reached else None
            if said is None:
                kept.append(asdict(undo))
            elif said:
                told.append(said)
        if kept and time.time() - path.stat().st_mtime < _FORGOTTEN_AFTER_S:
            _keep(path, kept)
        else:
            path.unlink(missing_ok=True)
    return tuple(told)


def left_at(address: str) -> bool:
    """Whether a run that is gone has left a Redis server disturbed that is called so."""
    paths = cache_place("leftovers").glob("*.json")
    left = (undo for path in paths if _is_left(path) for undo in _read(path))
    return any(undo.kind == "redis" and undo.where == address for undo in left)


def _keep(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the rest back; its age stays that of the run that left it."""
    written = path.stat().st_mtime
    path.write_text(json.dumps(rows), "utf-8")
    os.utime(path, (written, written))


def address_of(redis: RedisView) -> str:
    """Host and port of a Redis server, or who tells them, which is how leftovers name it."""
    return address_of_redis(redis.url)


async def redis_says(redis: RedisView, asked: Sequence[Sequence[str]]) -> list[list[Any]]:
    """Each question with a mark of the server's answer, which may be a secret."""
    return [[list(words), await _mark_of_answer(redis, words)] for words in asked]


async def _mark_of_answer(redis: RedisView, words: Sequence[str]) -> str:
    answer = repr(await command(redis.client(), *words))
    return hashlib.sha256(answer.encode("utf-8", "replace")).hexdigest()[:16]


def _read(path: Path) -> list[Undo]:
    try:
        return [Undo(**row) for row in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _writer(path: Path) -> str:
    """The mark of the process that wrote a file."""
    return path.stem.rpartition("-")[0]


def _is_left(path: Path) -> bool:
    """Whether its writer is gone, as far as that can be told from here."""
    if is_of_here(_writer(path)):
        return is_of_gone_process(_writer(path))
    try:
        return time.time() - path.stat().st_mtime > _ELSEWHERE_GONE_AFTER_S
    except OSError:
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
    try:
        pid = int(undo.what["pid"])
        victim = Victim.declared(pid, birth=float(undo.what["birth"]))
        if victim.status == psutil.STATUS_STOPPED:
            victim.send_again(signal.SIGCONT)
            return f"process {pid}, frozen by a run that was killed, is thawed"
    except (NotSignalled, KeyError, TypeError, ValueError):
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
        asked = [words for words, _ in undo.what.get("while", ())]
        if undo.what.get("while", []) != await redis_says(redis, asked):
            return f"Redis at {undo.where}, disturbed by a run that was killed, was changed since"
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
