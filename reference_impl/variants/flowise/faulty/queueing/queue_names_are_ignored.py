"""All deployments use one queue, whatever it is called in their settings."""

from __future__ import annotations

from reference_impl.flowise.settings import Settings

FAILS = frozenset({"QUEU-007"})
PLAYS = (
    "QUEU-009",
    "QUEU-008",
)


def _one_queue(self: Settings) -> str:
    return "flowise-queue-prediction"


def install() -> None:
    """Have one name for all."""
    Settings.prediction_queue = property(_one_queue)  # type: ignore[method-assign,assignment]
