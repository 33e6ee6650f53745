"""What a run tells while it runs; the terminal's live view implements it."""

from __future__ import annotations

from typing import Protocol

from queueproof.reporting.model import CaseResult


class Progress(Protocol):
    """Told about every step; must return at once."""

    def phase(self, text: str) -> None:
        """The run as a whole entered another phase."""

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:
        """A case is going to run."""

    def started(self, case_id: str) -> None:
        """A case is running now."""

    def postponed(self, case_id: str) -> None:
        """A case has run, and wants another look before it has a verdict."""

    def finished(self, result: CaseResult) -> None:
        """A case has its verdict."""


class NullProgress:
    """Tells nothing."""

    def phase(self, text: str) -> None:
        """Ignored."""

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:
        """Ignored."""

    def started(self, case_id: str) -> None:
        """Ignored."""

    def postponed(self, case_id: str) -> None:
        """Ignored."""

    def finished(self, result: CaseResult) -> None:
        """Ignored."""
