"""Settings of Redis that a fault changes and gives back, noted for the next run meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from queueproof.errors import HarnessError
from queueproof.stack.journal import Journal, Undo, address_of, redis_says
from queueproof.targets.redis_view import RedisView, command


class ConfigChange:
    """Settings by `CONFIG SET`, and back to what they were."""

    def __init__(self, view: RedisView, journal: Journal) -> None:
        self._view = view
        self._journal = journal
        self._before: dict[str, str] = {}
        self._note: int | None = None

    async def make(self, settings: Mapping[str, str]) -> None:
        """Change them, remembering what they were."""
        client = self._view.client()
        for name in settings:
            answer = await client.config_get(name)
            self._before.setdefault(name, str(answer[name]))
        commands = [["CONFIG", "SET", name, value] for name, value in self._before.items()]
        undo = Undo("redis", address_of(self._view), {"commands": commands})
        if self._note is None:
            self._note = self._journal.note(undo)
        for name, value in settings.items():
            await command(client, "CONFIG", "SET", name, value)
        asked = [("CONFIG", "GET", name) for name in self._before]
        self._journal.amend(self._note, undo.so_long_as(await redis_says(self._view, asked)))

    async def undo(self) -> None:
        """Give them back, and read back that they are; safe to call twice."""
        client = self._view.client()
        for name, value in self._before.items():
            await command(client, "CONFIG", "SET", name, value)
            if str((await client.config_get(name))[name]) != value:
                raise HarnessError(f"Redis did not take {name} back to {value!r}")
        self._before.clear()
        if self._note is not None:
            self._journal.done(self._note)
            self._note = None


async def refusals(view: RedisView, kind: str) -> int:
    """How many commands Redis has refused so far with an error of this kind, such as `OOM`."""
    stats = await view.client().info("errorstats")
    return int(stats.get(f"errorstat_{kind}", {}).get("count", 0))
