"""What a fault is compared with: the quickest of a few answers before it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from queueproof.faults.shared.toxics import ToxicFault
from queueproof.stack.proxies import Answer, Reply


class Scripted:
    """A line that answers as it was told to."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)

    async def ping(self, **_: object) -> Reply:
        return self.replies.pop(0)


QUICK, STUMBLE = Reply(Answer.PONG, 0.001), Reply(Answer.PONG, 0.4)
SILENT = Reply(Answer.SILENT, 3.0)


@pytest.mark.parametrize(
    ("replies", "taken"),
    [((STUMBLE, QUICK, STUMBLE), QUICK), ((QUICK, SILENT, QUICK), SILENT)],
    ids=["a machine that stumbles", "a way that does not work"],
)
def test_the_quickest_answer_counts_unless_one_is_missing(
    replies: tuple[Reply, ...], taken: Reply
) -> None:
    line: Any = Scripted(*replies)
    fault = ToxicFault("latency", [], [], lambda _: "")

    assert asyncio.run(fault._undisturbed(line)) == taken
