"""The start prints its settings, passwords included.

Sidekiq #3119, Celery #2808, Ray #50266 and many more: a banner that helps with every question,
and puts the Redis password into whatever collects the logs.
"""

from __future__ import annotations

from reference_impl.langflow import settings
from reference_impl.langflow.settings import Settings

FAILS = frozenset({"BOOT-009"})
PLAYS = ("SETT-007",)


def banner(given: Settings) -> None:
    """What this process works with."""
    print(f"job queue: {given.queue_type} at {given.queue_address}", flush=True)  # noqa: T201


def install() -> None:
    """Print it behind the checks."""
    settings.CHECKS = (*settings.CHECKS, banner)
