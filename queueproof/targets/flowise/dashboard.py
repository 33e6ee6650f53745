"""The queue dashboard at `/admin/queues`, which is bull-board's
(`Flowise, "Running Flowise using Queue"`, Queue Dashboard).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from queueproof.targets.flowise.account import FlowiseAccount
from queueproof.targets.flowise.session import reply_of
from queueproof.targets.http import Exchange
from queueproof.targets.predictions import DashboardReply, DashboardView
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.vantage import Vantage

_PAGE = "/admin/queues"
_LIST = f"{_PAGE}/api/queues"
_JOBS = 50


class FlowiseDashboard:
    """What it shows, asked in somebody's name."""

    def __init__(self, account: FlowiseAccount) -> None:
        self._account = account
        self._queue = ""

    async def shown(
        self, vantage: Vantage, *, role: Role, view: DashboardView, within_s: float
    ) -> DashboardReply:
        """Its list of queues; of the predictions' queue the jobs in `view`.

        It shows the jobs of one queue at a time, so it is asked for the queues' names first.
        """
        reply = await self._ask(vantage, role, view, within_s)
        names = [str(queue.get("name")) for queue in reply.queues]
        if self._queue or not names:
            return reply
        self._queue = next((name for name in names if "prediction" in name), names[0])
        return await self._ask(vantage, role, view, within_s)

    async def page(self, vantage: Vantage, *, role: Role, within_s: float) -> Reply:
        """The page itself."""
        answer = await self._account.call(vantage, "GET", _PAGE, role, within_s=within_s)
        reply = reply_of(answer)
        page = f"a page of {len(answer.text)} characters"
        return replace(reply, detail=page) if answer.ok else reply

    async def _ask(
        self, vantage: Vantage, role: Role, view: DashboardView, within_s: float
    ) -> DashboardReply:
        per_page = view.per_page or _JOBS
        params = {"status": view.status, "page": str(view.page), "jobsPerPage": str(per_page)}
        if self._queue:
            params["activeQueue"] = self._queue
        answer = await self._account.call(
            vantage, "GET", _LIST, role, within_s=within_s, params=params
        )
        return _reply(answer)


def _reply(answer: Exchange) -> DashboardReply:
    reply = reply_of(answer)
    queues: Any = answer.fields.get("queues") if answer.ok else ()
    return reply.become(
        DashboardReply,
        detail="" if answer.ok else reply.detail,
        queues=tuple(
            queue
            for queue in (queues if isinstance(queues, list) else ())
            if isinstance(queue, dict)
        ),
    )
