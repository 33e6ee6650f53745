"""The status of a job, where a contract has one beside its events.

Adapters that offer it list `status` in their `operations`; cases ask through `status`, which
records it in the history as the operations of `System` are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from queueproof.errors import NotAssessed
from queueproof.history import Outcome
from queueproof.targets.job import Ending, Job
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import Worker

if TYPE_CHECKING:
    from queueproof.targets.system import System

#: How many characters of a result a history keeps.
RESULT_KEPT = 160


@dataclass(frozen=True, kw_only=True)
class StatusReply(Reply):
    """What the target says of a job: the word it uses, and how the job ended, once it has.

    `running` where its word means that the job has begun and has not ended; `result` is what the
    job has computed, where that was asked for and found.
    """

    state: str = ""
    running: bool = False
    ending: Ending | None = None
    result: Any = None


class StatusTeller(Protocol):
    """What an adapter offers whose `operations` name `status`."""

    async def status(
        self, vantage: Vantage, job_id: str, *, within_s: float, role: Role = Role.USER
    ) -> StatusReply:
        """Ask for a job's status in the name of `role`."""

    async def result(self, vantage: Vantage, job_id: str, *, within_s: float) -> StatusReply:
        """Ask for what a job has computed; raises NotAssessed where nothing tells it."""


class DeadLetterTeller(Protocol):
    """What an adapter offers whose `operations` name `dead`."""

    async def dead_letters(
        self, vantage: Vantage, *, within_s: float, role: Role = Role.USER
    ) -> StatusReply:
        """Ask for the ids of the jobs that have failed for good."""


async def status(job: Job, *, via: Worker | None = None, role: Role = Role.USER) -> StatusReply:
    """Ask for the job's status; raises NotAssessed where the target has none."""
    target = job.system
    if "status" not in target.adapter.operations:
        raise NotAssessed("the mapping names no status ([mapping.status])")
    teller = cast(StatusTeller, target.adapter)
    return await target.perform(
        "status",
        lambda vantage: teller.status(vantage, job.id, within_s=target.patience_s, role=role),
        job=job,
        asked={"role": role.value},
        via=via,
        told=_state_of,
    )


async def result(job: Job, *, via: Worker | None = None) -> StatusReply:
    """Ask for what the job has computed; raises NotAssessed where the target does not tell it."""
    target = job.system
    if "result" not in target.adapter.operations:
        raise NotAssessed("the mapping says nothing of results ([mapping.status] result)")
    teller = cast(StatusTeller, target.adapter)
    return await target.perform(
        "result",
        lambda vantage: teller.result(vantage, job.id, within_s=target.patience_s),
        job=job,
        via=via,
        told=_result_of,
    )


async def dead_letters(
    target: System, *, via: Worker | None = None, role: Role = Role.USER
) -> StatusReply:
    """Ask which jobs have failed for good; the ids are the reply's result, None where none came.

    Raises NotAssessed where the target has no such list.
    """
    if "dead" not in target.adapter.operations:
        raise NotAssessed("the mapping names no list of dead letters ([mapping.dead])")
    teller = cast(DeadLetterTeller, target.adapter)
    return await target.perform(
        "dead letters",
        lambda vantage: teller.dead_letters(vantage, within_s=target.patience_s, role=role),
        asked={"role": role.value},
        via=via,
    )


def _state_of(reply: StatusReply) -> dict[str, Any]:
    """What a history keeps of a status."""
    ending = reply.ending.value if reply.ending else ""
    return {"state": reply.state, "ending": ending} if reply.outcome is Outcome.OK else {}


def _result_of(reply: StatusReply) -> dict[str, Any]:
    """What it keeps of a result: the beginning of its text."""
    return {"result": str(reply.result)[:RESULT_KEPT]} if reply.outcome is Outcome.OK else {}
