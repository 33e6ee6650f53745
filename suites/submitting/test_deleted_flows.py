"""A flow that was deleted is one that does not exist, on every worker
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker
cancellation).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Kind,
    System,
    Worker,
    eventually,
    expect_that,
    require_answer,
    requirement,
)
from queueproof.targets.langflow.any_request import ask
from queueproof.targets.langflow.wire import FLOWS, submit_path
from queueproof.targets.marks import marked
from queueproof.targets.raw_replies import RawReply

_NOT_LET_IN = 401
_EMPTY: dict[str, object] = {"data": {"nodes": [], "edges": []}}


@requirement("SUBM-003", contracts=("langflow",))
async def test_a_submit_for_a_flow_that_was_deleted_is_refused_where_it_was_built_before(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Every worker has built it; one of them deletes it; soon none of them takes it any more."""
    flow = {**_EMPTY, "name": marked("queueproof probe ")}
    made = await ask(target, "POST", FLOWS, via=workers[0], sending={"json": flow})
    flow_id = str(made.json.get("id", ""))
    require_answer(made, Kind.SUCCESS, to="making a flow")
    try:
        for worker in workers:
            built = await _submitted(target, flow_id, worker)
            require_answer(built, Kind.SUCCESS, to=f"a submit for the flow on worker {worker}")
    finally:
        gone = await ask(target, "DELETE", f"{FLOWS}{flow_id}", via=workers[0])
    require_answer(gone, Kind.SUCCESS, to="deleting the flow")

    async def taken() -> list[str]:
        """The workers that still take it; a replica of the database may lag a little."""
        replies = [(worker, await _submitted(target, flow_id, worker)) for worker in workers]
        odd = [reply.words for _, reply in replies if not _is_of_the_flow(reply)]
        if odd:
            raise Inconclusive(f"a submit for the deleted flow was answered {odd[0]}")
        return [str(worker) for worker, reply in replies if _is_success(reply)]

    takers, none = await eventually(taken, lambda seen: not seen, within_s=target.timings.answer_s)
    expect_that(
        none,
        expected="a submit for a deleted flow refused by every worker, "
        f"{target.timings.answer_s:.0f} s after it was deleted at the latest",
        actual=f"still taken by {', '.join(takers)}",
    )


async def _submitted(target: System, flow_id: str, via: Worker) -> RawReply:
    return await ask(target, "POST", submit_path(flow_id), via=via, sending={"json": {}})


def _is_of_the_flow(reply: RawReply) -> bool:
    """Whether it was taken, or refused for what it asked; not for who asked."""
    return _is_success(reply) or (reply.refused and reply.status != _NOT_LET_IN)


def _is_success(reply: RawReply) -> bool:
    return reply.kind is Kind.SUCCESS
