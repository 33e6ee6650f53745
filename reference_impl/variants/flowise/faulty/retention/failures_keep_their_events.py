"""The events of a job that failed or was aborted are kept for late readers, and nobody says until
when.

They stand under the job's number in the queue, where nothing names the chat.
"""

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
    if id(self) not in _spoilt:
        await _close(self)
        return
    _spoilt.discard(id(self))
    await self._client.persist(self._keys.live(self._hold.job_id))


def install() -> None:
    """Take the time to live away, but from those of a success."""
    Run.perform = _noted  # type: ignore[method-assign]
    LiveWriter.close = _kept  # type: ignore[method-assign]
