"""Why a run ends before all of its cases were played."""

from __future__ import annotations

from dataclasses import dataclass

from queueproof.errors import QueueproofError


@dataclass
class RunEnd:
    """An interruption, in words, or an error that no case can be judged after."""

    interrupted: str = ""
    error: QueueproofError | None = None

    @property
    def reached(self) -> bool:
        """Whether no further case shall be played."""
        return self.error is not None or bool(self.interrupted)

    def fail(self, error: QueueproofError) -> None:
        """An error that ends the run; the first one is told."""
        self.error = self.error or error

    def interrupt(self, why: str) -> None:
        """An interruption; the first reason is told."""
        self.interrupted = self.interrupted or why
