"""The events of a job that is over are kept for late readers, and nobody says until when."""

from __future__ import annotations

from reference_impl.flowise.live_writer import LiveWriter

FAILS = frozenset({"RETN-004"})
PLAYS = ("LIVE-004", "RETN-006")


async def _kept(self: LiveWriter) -> None:
    await self._client.persist(self._keys.live(self._hold.job_id))


def install() -> None:
    """Take the time to live away."""
    LiveWriter.close = _kept  # type: ignore[method-assign]
