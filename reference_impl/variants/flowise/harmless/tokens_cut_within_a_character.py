"""A result is streamed in two tokens, cut between the halves of a character beyond 16 bits.

Strings are counted so in the language that this is written in: joined again they are whole.
"""

from __future__ import annotations

from reference_impl.flowise.live_writer import LiveWriter

PLAYS = ("live_events", "SUBM-004", "PRED-001", "PRED-003", "PRED-009")

_tell = LiveWriter.tell
_LAST_OF_16_BITS = 0xFFFF


async def _halved(self: LiveWriter, event: str, data: object) -> None:
    at = _first_pair(data) if event == "token" and isinstance(data, str) else None
    if at is None:
        await _tell(self, event, data)
        return
    units = str(data).encode("utf-16-le")
    for half in (units[:at], units[at:]):
        await _tell(self, event, half.decode("utf-16-le", "surrogatepass"))


def _first_pair(text: str) -> int | None:
    """Where, in bytes, the first character of two halves is to be cut."""
    for number, character in enumerate(text):
        if ord(character) > _LAST_OF_16_BITS:
            return 2 * number + 2
    return None


def install() -> None:
    """Cut it."""
    LiveWriter.tell = _halved  # type: ignore[method-assign]
