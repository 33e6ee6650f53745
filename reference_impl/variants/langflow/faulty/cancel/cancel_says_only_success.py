"""A cancel answers with the bare flag and no message: the client's "cancelled" dialogue is blank.

The commonest trimming of an answer by people who read their own client's code and not the
contract: Langflow's document shows ``success`` and ``message``, clients show the message.
"""

from __future__ import annotations

from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CancelAnswer, Canceller

FAILS = frozenset({"CANC-001"})
PLAYS = ("CANC-001", "CANC-002", "CANC-006", "CANC-008")


class Taciturn(Canceller):
    """Says nothing beyond yes."""

    def told(self, state: JobState) -> CancelAnswer:
        """Success, without a word."""
        return CancelAnswer(True, "")


class VariantAssembly(Assembly):
    """Cancels without a message."""

    canceller_class = Taciturn
