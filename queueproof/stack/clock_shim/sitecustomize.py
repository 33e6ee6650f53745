"""Gives a Python program a wall clock that is off by what a file says, from its first line on.

Put the folder on PYTHONPATH and name the file in `FAKETIME_TIMESTAMP_FILE`: the name and the
format (`+120` is two minutes fast) are libfaketime's, which does the same to any program. Python
imports a module of this name at start. `time.time` and `time.time_ns` follow the file within a
tenth of a second; the monotonic clock, and with it every timeout, is left alone.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress

_LOOK_EVERY_S = 0.1
_true_time, _true_time_ns = time.time, time.time_ns


class _Offset:
    """The offset in seconds, read again when it is older than a tenth of a second."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._value = 0.0
        self._read_at = -1.0

    def __call__(self) -> float:
        now = time.monotonic()
        if now - self._read_at > _LOOK_EVERY_S:
            self._read_at = now
            with suppress(OSError, ValueError), open(self._path, encoding="ascii") as file:  # noqa: PTH123
                self._value = float(file.read())
        return self._value


def _shift(path: str) -> None:
    offset = _Offset(path)
    time.time = lambda: _true_time() + offset()
    time.time_ns = lambda: _true_time_ns() + int(offset() * 1e9)


if _file := os.environ.get("FAKETIME_TIMESTAMP_FILE"):
    _shift(_file)
