"""Streams carry an empty line before every event, and end their lines as Windows does."""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.generic.front import Front

PLAYS = ("streaming", "cancel", "PROM-001..003")

_lines_of = Front.lines_of


async def _spaced(self: Front, job_id: str) -> AsyncIterator[bytes]:
    async for line in _lines_of(self, job_id):
        yield b"\r\n" + line.replace(b"\n", b"\r\n")


def install() -> None:
    """Space them out."""
    Front.lines_of = _spaced  # type: ignore[method-assign]
