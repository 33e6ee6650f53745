"""The bodies of answers, read within bounds whatever a target sends.

Theory: what a target sends must cost the harness no more than a few mebibytes and milliseconds. A
busy harness is late everywhere, and its doubts would shield the target. So a body is decompressed
piece by piece, lines are joined once, and JSON is read no deeper and no wider than any job API
writes it.
"""

from __future__ import annotations

import json
import zlib
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any, Protocol

import httpx

MEBIBYTE = 1 << 20
#: A whole answer; events of several mebibytes each fit in.
LARGEST_BODY = 16 * MEBIBYTE
#: One line of a stream, and everything that one stream carries.
LONGEST_LINE = 16 * MEBIBYTE
LARGEST_STREAM = 512 * MEBIBYTE
_DEEPEST_JSON = 64
_MOST_PARTS = 1_000_000
_PIECE = MEBIBYTE
_EITHER_HEADER = 32 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
#: How a member of gzip begins; what the first two bytes of deflate's own header are a multiple of.
_GZIP, _CHECK = b"\x1f\x8b", 31


class Unreadable(httpx.DecodingError):
    """A body that cannot be read within the bounds; its text says why, in a few words."""


class Response(Protocol):
    """As much as is needed here of an HTTP client's response."""

    @property
    def headers(self) -> httpx.Headers:
        """The headers."""

    @property
    def is_stream_consumed(self) -> bool:
        """Whether the body was read before."""

    @property
    def content(self) -> bytes:
        """The body, where it was read before."""

    def aiter_raw(self) -> AsyncIterator[bytes]:
        """The body's bytes as they come."""


async def pieces(response: Response) -> AsyncIterator[bytes]:
    """The body as it comes, decompressed, in pieces of a mebibyte at most.

    The client asks for `identity`; what compresses nevertheless is understood, if it is gzip or
    deflate, as HTTP clients do: in several members one after another, and deflate with its header
    or without. Raises Unreadable for any other coding, and for one that is broken.
    """
    if response.is_stream_consumed:  # it was read before, and what is left of it is here
        with suppress(httpx.ResponseNotRead):
            yield response.content
        return
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise Unreadable(f"a body in the coding {coding[:40]!r}, though identity was asked for")
    unpack = _Unpacking(deflate=coding == "deflate")
    try:
        async for chunk in response.aiter_raw():
            for piece in unpack.feed(chunk):
                yield piece
    except zlib.error as error:
        raise Unreadable(f"a body that is no {coding}: {error}") from None


async def whole(response: Response, *, at_most: int = LARGEST_BODY) -> bytes:
    """The whole body; raises Unreadable for a larger one."""
    parts, size = list[bytes](), 0
    async for piece in pieces(response):
        size += len(piece)
        if size > at_most:
            raise Unreadable(f"a body of more than {at_most // MEBIBYTE} MiB")
        parts.append(piece)
    return b"".join(parts)


class _Unpacking:
    """A compressed body, member by member; what follows the last one is padding."""

    def __init__(self, *, deflate: bool) -> None:
        self._deflate = deflate
        self._kept = b""
        self._member: Any = None
        self._one_ended = self._over = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """What `chunk` adds; raises zlib.error."""
        rest = self._kept + chunk
        while rest and not self._over:
            if self._member is None and not self._begin(rest):
                break
            yield self._member.decompress(rest, _PIECE)
            rest = self._member.unconsumed_tail
            if self._member.eof:
                rest, self._member, self._one_ended = self._member.unused_data, None, True
        self._kept = b"" if self._over else rest

    def _begin(self, head: bytes) -> bool:
        """Begin a member, if so much of it is there that its kind can be told."""
        if len(head) < len(_GZIP):
            return False
        if self._one_ended and not head.startswith(_GZIP):
            self._over = True
            return False
        checked = int.from_bytes(head[:2], "big") % _CHECK == 0
        bare = self._deflate and not (checked and head[0] & 0x0F == zlib.DEFLATED)
        self._member = zlib.decompressobj(_RAW if bare else _EITHER_HEADER)
        return True


class LineSplitter:
    """The lines of a body that arrives in chunks cut anywhere, each byte looked at once."""

    def __init__(self, *, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._pending: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes; raises Unreadable for one that is too long."""
        first, *others = chunk.split(b"\n")
        self._size += len(first)
        if self._size > self._longest:
            raise Unreadable(f"a line of more than {self._longest // MEBIBYTE} MiB")
        self._pending.append(first)
        if not others:
            return []
        lines = [b"".join(self._pending), *others[:-1]]
        self._pending, self._size = [others[-1]], len(others[-1])
        return lines

    def rest(self) -> bytes:
        """What came after the last line's end."""
        return b"".join(self._pending)


class EventStreamText:
    """A body of server-sent events as its lines are meant: without the byte order mark that it may
    begin with, and each of a line's three ends (CR, LF, both) a line feed.
    """

    def __init__(self) -> None:
        self._head: bytes | None = b""
        self._after_return = False

    def feed(self, chunk: bytes) -> bytes:
        """What `chunk` adds to it."""
        if self._head is not None:
            chunk = self._head + chunk
            if BOM_UTF8.startswith(chunk):  # it may be a mark, of which more is to come
                self._head = chunk
                return b""
            self._head, chunk = None, chunk.removeprefix(BOM_UTF8)
        if not chunk:
            return b""
        # A line feed behind a carriage return that ended the chunk before belongs to that.
        rest = chunk.removeprefix(b"\n") if self._after_return else chunk
        self._after_return = chunk.endswith(b"\r")
        return rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


async def lines_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """The lines that each chunk of a stream completes; at the end what was left, if anything.

    A byte order mark that the first one begins with is no part of it.
    Raises Unreadable for a line, or a stream, that is too long.
    """
    splitter, size, begun = LineSplitter(), 0, False
    async for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_STREAM:
            raise Unreadable(f"a stream of more than {LARGEST_STREAM // MEBIBYTE} MiB")
        lines = splitter.feed(chunk)
        if lines and not begun:
            lines[0], begun = lines[0].removeprefix(BOM_UTF8), True
        yield lines
    if rest := splitter.rest():
        yield [rest if begun else rest.removeprefix(BOM_UTF8)]


def read_json(text: str) -> Any:
    """The text as JSON; raises ValueError where it is none, or too deep or wide to be an answer.

    Half a surrogate pair, which no file can hold, becomes a question mark.
    """
    if sum(text.count(mark) for mark in "[{,") > _MOST_PARTS:
        raise ValueError("more parts than an answer has")
    try:
        body = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if sum(text.count(mark) for mark in "[{") > _DEEPEST_JSON and _is_deep(body):
        raise ValueError("nested too deep")
    return _writable(body) if "\\ud" in text.lower() else body


def _is_deep(body: Any) -> bool:
    level, depth = [body], 0
    while level and depth <= _DEEPEST_JSON:
        parts = (part.values() if isinstance(part, dict) else part for part in level)
        level = [one for part in parts for one in part if isinstance(one, dict | list)]
        depth += 1
    return bool(level)


def _writable(body: Any) -> Any:
    return json.loads(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
