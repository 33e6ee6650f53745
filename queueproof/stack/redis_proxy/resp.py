"""Where commands and replies begin and end in the Redis protocol, and nothing more.

Both versions of the protocol are framed alike: a type byte, then a line, a counted run of bytes,
or a counted list of further values. An attribute of version 3 belongs to the value behind it.
"""

from __future__ import annotations

_BULK = b"$=!"
_LISTS = {ord("*"): 1, ord("~"): 1, ord(">"): 1, ord("%"): 2, ord("|"): 2}
_ATTRIBUTE = ord("|")
_END = b"\r\n"

Words = tuple[bytes, ...]


class RespFrames:
    """Cuts a stream of bytes into whole values."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The values that `chunk` completes, each with its own framing."""
        self._buffer += chunk
        found, start = [], 0
        while (end := _end_of(self._buffer, start)) is not None:
            found.append(self._buffer[start:end])
            start = end
        self._buffer = self._buffer[start:]
        return found


def words_of(frame: bytes) -> Words:
    """The words of a command: a list of bulk strings, or a plain line as people type it."""
    if frame[:1] != b"*":
        return tuple(frame.split())
    words = []
    at = frame.index(_END) + 2
    while at < len(frame):
        line_end = frame.index(_END, at)
        length = int(frame[at + 1 : line_end])
        words.append(frame[line_end + 2 : line_end + 2 + length])
        at = line_end + 2 + length + 2
    return tuple(words)


def _end_of(buffer: bytes, start: int) -> int | None:
    """Where the value that begins at `start` ends; None while it is incomplete."""
    at, wanted = start, 1
    while wanted:
        line_end = buffer.find(_END, at)
        if line_end < 0:
            return None
        kind, line = buffer[at], buffer[at + 1 : line_end]
        at = line_end + 2
        wanted -= 1
        if kind in _BULK:
            length = int(line)
            at += length + 2 if length >= 0 else 0
        elif kind in _LISTS:
            wanted += _LISTS[kind] * max(0, int(line)) + (kind == _ATTRIBUTE)
    return at if at <= len(buffer) else None
