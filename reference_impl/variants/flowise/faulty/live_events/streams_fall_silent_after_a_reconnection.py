"""The new connection for live events subscribes to no chat that was read over the old one.

What they missed comes when the prediction is over, all at once.
"""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.listener import Listener

FAILS = frozenset({"LIVE-009"})
PLAYS = ("LIVE-006", "STRM-011")


async def _alone(self: Listener) -> None:
    connection: Any = self._client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
    await connection.connect()
    self._connection = connection
    await connection.send_command("SUBSCRIBE", f"{self._keys.queue}:listening", check_health=False)
    for reader in self._all():
        reader.fall_behind()


def install() -> None:
    """Forget who reads."""
    Listener._connect = _alone  # type: ignore[method-assign]
