"""The events of a job that failed or was aborted stay in Redis for ever: only a success tidies."""

from __future__ import annotations

from reference_impl.flowise.database import Database
from reference_impl.flowise.live_writer import LiveWriter
from reference_impl.flowise.performer import Ending, Run

FAILS = frozenset({"RETN-004"})
PLAYS = ("LIVE-004", "LIVE-005")

_perform, _close = Run.perform, LiveWriter.close
_spoilt: set[int] = set()


async def _noted(self: Run, database: Database) -> Ending:
    ending = await _perform(self, database)
    if ending.result is None:
        _spoilt.add(id(self._teller))
    return ending


async def _kept(self: LiveWriter) -> None:
    if id(self) in _spoilt:
        _spoilt.discard(id(self))
        hold = self._hold
        await self._client.set(f"flowise:left:{hold.chat_id}", hold.job_id)
        return
    await _close(self)


def install() -> None:
    """Tidy after a success."""
    Run.perform = _noted  # type: ignore[method-assign]
    LiveWriter.close = _kept  # type: ignore[method-assign]
