"""Runs a flow's chain node by node, and tells whoever listens.

The events, their order and their fields are Flowise's: every node is ``INPROGRESS`` and then
``FINISHED`` (or ``ERROR``, or ``TERMINATED``), the list of executed nodes follows each, and the
last node's output is the ``token``. They are written before anything that takes time or that
somebody could notice, so that whoever listens is never behind; what happens at once is written at
once.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from reference_impl.core.probe_flow import FAILURE, FlowError, Node, Step, chain

MS = 1000.0
CANCELLED = "Flow execution was cancelled"

# Asks a witness; whether it was there does not matter.
Fetch = Callable[[str], Awaitable[None]]


class Teller(Protocol):
    """Where a run's events go, in the order in which they are told."""

    @property
    def count(self) -> int:
        """How many were written."""

    async def tell(self, event: str, data: object) -> None:
        """Take one event; it is written by the next :meth:`write` at the latest.

        Raises what :meth:`write` raises.
        """

    async def write(self) -> None:
        """Write down and announce what was told."""


class NodeFailed(Exception):
    """A node threw; the message is its own."""


@dataclass(frozen=True)
class Work:
    """One prediction to be run."""

    id: str
    flow_id: str
    chat_id: str
    question: str
    flow_data: str


@dataclass
class Execution:
    """One run of one prediction's chain."""

    work: Work
    teller: Teller
    fetch: Fetch
    executed: list[dict[str, Any]] = field(default_factory=list)
    _at: Node | None = None

    async def run(self) -> dict[str, Any]:
        """Run to the end and return the result; raises :class:`NodeFailed`."""
        try:
            nodes = chain(self.work.flow_data)
        except FlowError as error:
            raise NodeFailed(str(error)) from error
        await self.teller.tell("agentFlowEvent", "INPROGRESS")
        output = self.work.question
        for node in nodes:
            output = await self._run_node(node, is_last=node is nodes[-1])
        await self.teller.tell("agentFlowEvent", "FINISHED")
        await self.teller.write()
        return self.result(output)

    async def terminated(self) -> None:
        """Say that the run was aborted where it stood."""
        if self._at is not None:
            await self._tell_node(self._at, "TERMINATED", error=CANCELLED)
        await self.teller.tell("agentFlowEvent", "TERMINATED")
        await self.teller.write()

    def result(self, output: str) -> dict[str, Any]:
        """What the client, the database and the queue are given."""
        return {
            "text": output,
            "question": self.work.question,
            "chatId": self.work.chat_id,
            "chatMessageId": message_id(self.work.id),
            "sessionId": self.work.chat_id,
            "executionId": self.work.id,
            "agentFlowExecutedData": self.executed,
        }

    async def _run_node(self, node: Node, *, is_last: bool) -> str:
        self._at = node
        await self._tell_node(node, "INPROGRESS")
        begun = time.monotonic()
        try:
            if node.step is not None:
                await self._run_step(node.step)
        except NodeFailed as error:
            await self._tell_node(node, "ERROR", error=str(error))
            await self.teller.tell("agentFlowEvent", "ERROR")
            await self.teller.write()
            raise
        output = node.output(self.work.question)
        if is_last:
            await self.teller.tell("token", output)
        await self._tell_node(node, "FINISHED")
        self._at = None
        self._note(node, output, took_ms=(time.monotonic() - begun) * MS)
        await self.teller.tell("agentFlowExecutedData", self.executed)
        return output

    async def _run_step(self, step: Step) -> None:
        if step.is_noticed:
            await self.teller.write()
        await asyncio.sleep(step.delay_ms / MS)
        if step.fail:
            raise NodeFailed(FAILURE)
        # A function that blocks its thread would block only itself: nodes do not share one here.
        await asyncio.sleep(step.block_ms / MS)
        if step.witness:
            await self.fetch(f"{step.witness}/{self.work.question}/{step.tick}")
        await asyncio.sleep(step.pause_ms / MS)

    async def _tell_node(self, node: Node, status: str, **more: object) -> None:
        data = {"nodeId": node.id, "nodeLabel": node.label, "status": status, **more}
        await self.teller.tell("nextAgentFlow", data)

    def _note(self, node: Node, output: str, *, took_ms: float) -> None:
        data = {"id": node.id, "name": node.name, "output": {"content": output}}
        entry = {"nodeId": node.id, "nodeLabel": node.label, "data": data, "status": "FINISHED"}
        self.executed = [*self.executed, {**entry, "tookMs": round(took_ms)}]


def message_id(prediction_id: str) -> str:
    """The chat message a prediction's answer is; the same whoever asks."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"answer:{prediction_id}"))
