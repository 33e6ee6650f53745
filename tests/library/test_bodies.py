"""Bodies of answers within their bounds, whatever comes."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from queueproof.targets.answers import Kind
from queueproof.targets.bodies import (
    LARGEST_BODY,
    MEBIBYTE,
    EventStreamText,
    LineSplitter,
    Unreadable,
    lines_of,
    read_json,
)
from queueproof.targets.http import Exchange, exchange

from .stub_target import answered_by


def read(body: bytes, *, at_once: int = 65_536, **headers: str) -> Exchange:
    """What an exchange makes of a body that comes in chunks of so many bytes."""

    class Chunks(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for at in range(0, len(body), at_once):
                yield body[at : at + at_once]

    def answer(_: httpx.Request) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(200, headers=named, stream=Chunks())

    async def main() -> Exchange:
        return await exchange(answered_by(answer), "GET", "/x", within_s=20.0)

    return asyncio.run(main())


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_costs_little_and_is_no_answer(coding: str) -> None:
    size = 80 * MEBIBYTE
    pack = zlib.compressobj(1, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    bomb = b"".join(pack.compress(bytes(MEBIBYTE)) for _ in range(size // MEBIBYTE)) + pack.flush()
    tracemalloc.start()
    came = read(bomb, content_encoding=coding)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert came.kind is Kind.MALFORMED
    assert "more than 16 MiB" in came.as_reply().words
    assert peak < 3 * LARGEST_BODY


def test_a_small_body_may_be_compressed_though_that_was_not_asked_for() -> None:
    packed = gzip.compress(b'{"version": "1"}')

    assert read(packed, content_encoding="gzip").fields == {"version": "1"}
    assert read(packed, content_encoding="br").kind is Kind.MALFORMED
    assert read(b"no gzip", content_encoding="gzip").kind is Kind.MALFORMED


def _bare(text: bytes) -> bytes:
    pack = zlib.compressobj(wbits=-15)
    return pack.compress(text) + pack.flush()


@pytest.mark.parametrize("at_once", [1, 7, 65_536])
@pytest.mark.parametrize(
    ("packed", "coding"),
    [
        (gzip.compress(b'{"text":') + gzip.compress(b"") + gzip.compress(b' "all"}'), "gzip"),
        (gzip.compress(b'{"text": "all"}') + bytes(40), "gzip"),
        (gzip.compress(b'{"text": "all"}') + b"\x1f", "x-gzip"),
        (zlib.compress(b'{"text": "all"}'), "deflate"),
        (_bare(b'{"text": "all"}'), "deflate"),
    ],
    ids=["members", "padded", "one byte more", "deflate", "bare deflate"],
)
def test_what_http_clients_unpack_is_unpacked(packed: bytes, coding: str, at_once: int) -> None:
    """However it was cut on the way: an event of a stream may be a member of its own."""
    assert read(packed, at_once=at_once, content_encoding=coding).fields == {"text": "all"}


def test_a_bomb_may_be_the_second_member() -> None:
    bomb = gzip.compress(b"{}") + gzip.compress(bytes(20 * MEBIBYTE))

    assert read(bomb, content_encoding="gzip").kind is Kind.MALFORMED


def test_a_byte_order_mark_is_no_part_of_an_answer() -> None:
    """Neither of a whole one, nor of a stream's first line; another one is a character."""
    mark = "\ufeff".encode()

    async def main() -> list[list[bytes]]:
        async def chunks() -> AsyncIterator[bytes]:
            for chunk in (mark[:1], mark[1:] + b"one\n", mark + b"two\nthree"):
                yield chunk

        return [lines async for lines in lines_of(chunks())]

    assert read(mark + b'{"version": "1"}').fields == {"version": "1"}
    assert asyncio.run(main()) == [[], [b"one"], [mark + b"two"], [b"three"]]


@pytest.mark.parametrize("charset", ["hex", "utf-16", "nonsense", "zlib"])
def test_no_charset_of_a_header_spoils_json(charset: str) -> None:
    came = read('{"text": "ü"}'.encode(), content_type=f"application/json; charset={charset}")

    assert came.fields == {"text": "ü"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "[" * 900 + "]" * 900,
        '{"a":' * 100 + "1" + "}" * 100,
        "1" * 5_000,
        "[" + "[]," * 700_000 + "1]",
        "",
        "\ufeff\ufeff{}",
    ],
)
def test_json_that_no_api_writes_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_json(text)
    assert read(text.encode()).json is None


def test_json_that_apis_write_is_read() -> None:
    deep = '{"a":' * 40 + "1" + "}" * 40

    assert read_json(deep)
    assert read_json('["\\ud83d\\ude00"]') == ["\U0001f600"]
    assert json.dumps(read_json('{"a": "\\ud800"}'), ensure_ascii=False).encode() == b'{"a": "?"}'


def test_lines_are_joined_wherever_they_were_cut() -> None:
    text = b"one\n\ntwo\r\nthree"
    for size in range(1, len(text) + 1):
        splitter, lines = LineSplitter(), []
        for at in range(0, len(text), size):
            lines += splitter.feed(text[at : at + size])
        assert [*lines, splitter.rest()] == [b"one", b"", b"two\r", b"three"]


def test_a_line_without_end_is_given_up_at_its_bound() -> None:
    splitter = LineSplitter(longest=1000)
    for _ in range(10):
        splitter.feed(b"x" * 100)
    with pytest.raises(Unreadable, match="a line of more than"):
        splitter.feed(b"x")


def test_a_long_line_in_small_pieces_is_read_in_linear_time() -> None:
    """Eight times as much takes about eight times as long, not sixty-four."""

    async def main(pieces: int) -> float:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(pieces):
                yield b"x" * 100

        began_s = asyncio.get_running_loop().time()
        assert [len(line) async for lines in lines_of(chunks()) for line in lines] == [pieces * 100]
        return asyncio.get_running_loop().time() - began_s

    asyncio.run(main(10_000))
    few_s, many_s = asyncio.run(main(10_000)), asyncio.run(main(80_000))
    assert many_s < 40 * few_s


def test_an_endless_body_is_no_answer_in_time() -> None:
    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.01)
                yield b"x"

    async def main() -> Exchange:
        vantage = answered_by(lambda _: httpx.Response(200, stream=Endless()))
        return await exchange(vantage, "GET", "/x", within_s=0.2)

    came = asyncio.run(main())
    assert (came.kind, came.trouble) == (Kind.UNANSWERED, "no answer within 0.2 s")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_event_streams_lines_end_in_three_ways(size: int, end: str, mark: str) -> None:
    """Wherever the body is cut; a mark at its beginning is none of its text, one within it is."""
    lines = ["data: a\ufeff", "", "data: b", "data: c", "", ""]
    body = (mark + end.join(lines)).encode()
    text = EventStreamText()

    came = b"".join(text.feed(body[at : at + size]) for at in range(0, len(body), size))

    assert came.decode() == "\n".join(lines)
