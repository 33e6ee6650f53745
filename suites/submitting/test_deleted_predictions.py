"""A flow that was deleted is one that does not exist
(completes `Flowise, "Running Flowise using Queue"`, 1. Request Entry Point).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    System,
    eventually,
    expect_that,
    require_answer,
    requirement,
)
from queueproof.targets.flowise.any_request import ask_flow, delete_flow, own_flow
from queueproof.targets.raw_replies import RawReply

_PROBE = Probe(ticks=1, interval_s=0.0)
_NOT_LET_IN = 401


@requirement("SUBM-003", contracts=("flowise",))
async def test_a_prediction_of_a_flow_that_was_deleted_is_refused(target: System) -> None:
    """It was run before; soon after it was deleted it is not run any more."""
    within_s = target.within(_PROBE)
    async with own_flow(target, _PROBE) as flow_id:
        before = await ask_flow(target, flow_id, question="there?", within_s=within_s)
        require_answer(before, Kind.SUCCESS, to="a prediction of the flow")
        await delete_flow(target, flow_id)

        async def asked() -> RawReply:
            return await ask_flow(target, flow_id, question="still there?", within_s=within_s)

        reply, _ = await eventually(
            asked,
            lambda one: one.kind is not Kind.SUCCESS,
            within_s=target.timings.answer_s,
        )

    if reply.kind is not Kind.SUCCESS and (not reply.refused or reply.status == _NOT_LET_IN):
        raise Inconclusive(f"a prediction of the deleted flow was answered {reply.words}")
    expect_that(
        reply.kind is not Kind.SUCCESS,
        expected=f"a prediction of a deleted flow refused, {target.timings.answer_s:.0f} s after "
        "it was deleted at the latest",
        actual=f"{reply.words} with {str(reply.json.get('text'))[:40]!r}",
    )
