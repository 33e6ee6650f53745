"""The client of a contract under load: what it offers to errands, and what comes back.

A client knows the spec; `which` is an errand's place in it, and with it its template. A wrong
answer is a failed request: a client judges every answer before it gives it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from load.connections import Said
from queueproof.history import Event


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer, judged: `wrong` says what is not right with it, empty if it is.

    `status` is None when no whole answer came: whether anything was done is then unknown, unless
    the connection was refused.
    """

    status: int | None = None
    wrong: str = ""
    refused: bool = False
    job: str = ""
    events: tuple[Event, ...] = ()

    @property
    def outcome(self) -> str:
        """As the history knows it."""
        if not self.wrong:
            return "ok"
        return "unknown" if self.status is None and not self.refused else "failed"


def judged(said: Said, *, right: bool, wanted: str, job: str = "") -> Reply:
    """The reply that an answer amounts to; `wanted` names what is missing where it is not right."""
    if said.trouble is not None:
        return Reply(wrong=said.words, refused=said.trouble.kind == "refused")
    if right:
        return Reply(status=said.status, job=job)
    return Reply(status=said.status, wrong=f"{said.status}, {wanted} wanted: {said.words}")


class LoadClient(Protocol):
    """One contract's requests; what its contract does not have raises NotImplementedError."""

    def submit(self, which: int) -> Reply:
        """Start a job."""

    def read(self, which: int, job: str, within_s: float) -> Iterator[Event | Reply]:
        """A job's events as they come, for at most `within_s` seconds in all.

        Last comes a reply: how the reading ended. Not wrong is one that the target ended in good
        order, whatever it had told.
        """

    def poll(self, job: str) -> Reply:
        """Ask once for what is new of a job."""

    def predict(self, which: int, within_s: float) -> Reply:
        """Run a job and wait for its result."""

    def cancel(self, which: int, job: str) -> Reply:
        """Ask for a job to be cancelled."""

    def close(self) -> None:
        """Close the idle connections."""
