"""Several workers start with the in-memory queue, without a word.

Langflow (langflow-ai/langflow #7579) until the start refused it (#13202): a build can be read on
the worker that runs it, and is "not found" on the others.
"""

from __future__ import annotations

from reference_impl.langflow import settings

FAILS = frozenset({"BOOT-005"})
PLAYS = ("BOOT-004", "SETT-002")


def install() -> None:
    """Leave that check out."""
    settings.CHECKS = tuple(
        check for check in settings.CHECKS if check is not settings.refuse_unshared_builds
    )
