"""Submits of one unique name: only those that were taken or refused show anything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers.unique_names import Asked, expect_free, require_settled
from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, Violation
from queueproof.history import Outcome
from queueproof.targets.protocol import SubmitReply
from tests import virtual_time

TAKEN = SubmitReply(outcome=Outcome.OK, status=202, job_id="one")
REFUSED = SubmitReply(outcome=Outcome.FAILED, status=409, detail="there is one")
BROKEN = SubmitReply(outcome=Outcome.FAILED, status=500, detail="deadlock")
SILENT = SubmitReply(outcome=Outcome.UNKNOWN, detail="no answer within 6 s")
PUT_OFF = SubmitReply(outcome=Outcome.FAILED, status=503, front="nginx", detail="busy")


def asked(*replies: SubmitReply) -> list[Asked]:
    target: Any = None
    return [Asked(target, "key", None, reply) for reply in replies]


def test_a_submit_that_was_taken_or_refused_shows_something() -> None:
    require_settled(asked(BROKEN, REFUSED))
    require_settled(asked(TAKEN, SILENT, REFUSED), least=2)


@pytest.mark.parametrize("reply", [BROKEN, SILENT, PUT_OFF])
def test_no_other_answer_does(reply: SubmitReply) -> None:
    with pytest.raises(Inconclusive, match=reply.detail):
        require_settled(asked(reply, reply))
    with pytest.raises(Inconclusive, match=f"1 of 2 .* {reply.detail}"):
        require_settled(asked(TAKEN, reply), least=2)


def test_without_any_submit_nothing_is_shown() -> None:
    with pytest.raises(Inconclusive, match="none was submitted"):
        require_settled([])


@pytest.mark.parametrize(
    ("reply", "told", "why"),
    [
        (PUT_OFF, Inconclusive, "nginx answered"),
        (REFUSED, Violation, "none of"),
        (BROKEN, Violation, "none of"),
    ],
)
def test_a_name_is_not_kept_by_a_front_that_lets_nobody_in(
    reply: SubmitReply, told: type[Exception], why: str
) -> None:
    """What the target answers by itself, and be it an error, keeps the name taken."""

    async def try_submit(*_: Any, **__: Any) -> tuple[None, SubmitReply]:
        return None, reply

    clock = iter(range(1000))
    target: Any = SimpleNamespace(
        timings=Timings(recovery_s=0.1),
        history=SimpleNamespace(now_s=lambda: float(next(clock))),
        witness=SimpleNamespace(sightings=lambda _: []),
        try_submit=try_submit,
        told_by_results=False,
    )
    first: Any = SimpleNamespace(system=target, id="first")
    with pytest.raises(told, match=why):
        virtual_time.run(lambda: expect_free(first, "a name", after="its job completed"))
