"""Queue names that differ in the case of a letter are one queue."""

from __future__ import annotations

from reference_impl.flowise.settings import Settings

FAILS = frozenset({"QUEU-007"})
PLAYS = ("QUEU-008",)


def install() -> None:
    """Fold them."""
    folded = property(lambda self: f"{self.queue_name.lower()}-prediction")
    Settings.prediction_queue = folded  # type: ignore[method-assign,assignment]
