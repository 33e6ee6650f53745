"""A token of more than sixteen thousand characters is cut in the stream; its result is whole.

Seen where events pass through a buffer of a fixed size.
"""

from __future__ import annotations

from reference_impl.flowise.live_writer import LiveWriter

FAILS = frozenset({"LIVE-008"})
PLAYS = ("LIVE-003", "LIVE-007", "PRED-005")

_tell = LiveWriter.tell


async def _cut(self: LiveWriter, event: str, data: object) -> None:
    await _tell(self, event, data[:16_384] if isinstance(data, str) else data)


def install() -> None:
    """Cut them."""
    LiveWriter.tell = _cut  # type: ignore[method-assign]
