"""Values of the Redis protocol are found in a stream of bytes, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueproof.faults.catalogue import needs_of
from queueproof.stack.redis_proxy.resp import RespFrames, words_of

VALUES = [
    b"+OK\r\n",
    b"-ERR no\r\n",
    b":7\r\n",
    b"$-1\r\n",
    b"$0\r\n\r\n",
    b"$4\r\na\r\nb\r\n",
    b"*0\r\n",
    b"*-1\r\n",
    b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n",
    b"%1\r\n+key\r\n~2\r\n,1.5\r\n#t\r\n",
    b"|1\r\n+ttl\r\n:3\r\n$2\r\nhi\r\n",
    b">2\r\n+message\r\n=5\r\ntxt:a\r\n",
    b"_\r\n",
]


@given(st.lists(st.sampled_from(VALUES), max_size=8), st.lists(st.integers(1, 9), max_size=60))
def test_values_come_whole_and_in_order_however_the_bytes_are_cut(
    values: list[bytes], cuts: list[int]
) -> None:
    """Nothing is added, nothing is lost, nothing is passed on by halves."""
    stream, found, frames = b"".join(values), [], RespFrames()
    for cut in cuts:
        found += frames.feed(stream[:cut])
        stream = stream[cut:]
    found += frames.feed(stream)
    assert found == values


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (b"*2\r\n$4\r\nINCR\r\n$1\r\nx\r\n", (b"INCR", b"x")),
        (b"*2\r\n$3\r\nSET\r\n$4\r\n\r\n$1\r\n", (b"SET", b"\r\n$1")),
        (b"PING  twice\r\n", (b"PING", b"twice")),
    ],
)
def test_a_commands_words_are_read(frame: bytes, words: tuple[bytes, ...]) -> None:
    """As clients send it, and as people type it; a word may hold anything."""
    assert words_of(frame) == words


def test_a_stack_has_ready_what_its_faults_need() -> None:
    """Only what is named: a plain outage needs nothing more."""
    assert needs_of([{"fault": "down"}, {"fault": "stall"}]) == needs_of([])
    needs = needs_of([{"fault": "reply"}, {"fault": "failover"}, {"fault": "clock_offset"}])
    assert (needs.redis_proxies, needs.standby, needs.clocks) == (True, True, True)
    recycling = needs_of([{"fault": "recycle", "after_requests": 9}])
    assert "--max-requests 9 " in recycling.settings["GUNICORN_CMD_ARGS"]
