"""The result's tokens are not streamed."""

from __future__ import annotations

from reference_impl.flowise.live_writer import LiveWriter

FAILS = frozenset({"LIVE-003"})
PLAYS = (
    "LIVE-002",
    "STRM-005",
)

_tell = LiveWriter.tell


async def _without_tokens(self: LiveWriter, event: str, data: object) -> None:
    if event != "token":
        await _tell(self, event, data)


def install() -> None:
    """Leave them out."""
    LiveWriter.tell = _without_tokens  # type: ignore[method-assign]
