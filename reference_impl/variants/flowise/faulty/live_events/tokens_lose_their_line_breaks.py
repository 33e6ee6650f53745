"""Control characters are taken out of tokens, line breaks among them; the result keeps them."""

from __future__ import annotations

from reference_impl.flowise.live_writer import LiveWriter

FAILS = frozenset({"LIVE-008"})
PLAYS = ("LIVE-003", "PRED-009")

_tell = LiveWriter.tell


async def _plain(self: LiveWriter, event: str, data: object) -> None:
    if event == "token":
        data = "".join(character for character in str(data) if character >= " ")
    await _tell(self, event, data)


def install() -> None:
    """Tell what prints in one line."""
    LiveWriter.tell = _plain  # type: ignore[method-assign]
