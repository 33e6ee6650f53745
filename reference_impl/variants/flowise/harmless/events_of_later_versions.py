"""Streams have events of names that came later, between those that clients know."""

from __future__ import annotations

from reference_impl.flowise.live_writer import LiveWriter

_tell = LiveWriter.tell


async def _with_news(self: LiveWriter, event: str, data: object) -> None:
    await _tell(self, event, data)
    if event == "nextAgentFlow":
        await _tell(self, "usageMetadata", {"input_tokens": 7, "status": None})


def install() -> None:
    """Tell them."""
    LiveWriter.tell = _with_news  # type: ignore[method-assign]
