"""Readers who poll are not counted: the gauge stands in the streaming endpoint.

An operator sees a worker without readers and takes it away from those who poll it.
"""

from __future__ import annotations

from reference_impl.langflow import http_builds

FAILS = frozenset({"MONI-007"})
PLAYS = ("POLL-002",)


class SilentPoll(http_builds._Poll):  # noqa: SLF001  # the part that counts
    """A poll that counts nowhere."""

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        """Poll, and leave the gauge as it was."""
        readers = self._builds.readers
        readers.now -= 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            readers.now += 1


def install() -> None:
    """Every poll is one."""
    http_builds._Poll = SilentPoll  # type: ignore[misc]  # noqa: SLF001
