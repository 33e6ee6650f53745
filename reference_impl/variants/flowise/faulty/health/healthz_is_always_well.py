"""A worker's health says OK whatever happens, as the image's own little server does."""

from __future__ import annotations

from reference_impl.flowise.worker import Worker

FAILS = frozenset({"HEAL-004"})
PLAYS = ("HEAL-002",)


def _well(self: Worker) -> str | None:
    return None


def install() -> None:
    """Look at nothing."""
    Worker.problem = _well  # type: ignore[method-assign]
