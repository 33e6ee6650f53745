"""Rows by their key, straight from the SQLite file: what every single request needs.

An asynchronous driver hands each step of a query to a thread and back, which takes a hundred times
as long as the query. A look at one row by its primary key is done in the time of one such step, and
with a write-ahead log no writer can hold it up: so it is done where it is asked for. Whatever is
odd (no such file yet, a lock, another schema) is left to the asynchronous way, which tells it.

What was read is kept for as long as SQLite says that nobody has committed anything since
(``PRAGMA data_version``, which is asked every time): a user is asked for by every request, and
changes once in a while.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import URL

from reference_impl import fast

_MEMORY = ("", ":memory:")
_KEPT = 1000

T = TypeVar("T")
Row = dict[str, Any]


class QuickReads:
    """One process's own connection to the file; opened when first asked, never carried on."""

    def __init__(self, url: URL) -> None:
        self._path = url.database or ""
        is_file = url.get_backend_name() == "sqlite" and self._path not in _MEMORY
        self._usable = is_file and fast.enabled()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._version = -1
        self._kept: dict[tuple[str, ...], Any] = {}

    def one(self, made: Callable[[Row], T], query: str, *values: str) -> tuple[bool, T | None]:
        """Whether this could tell, and what is ``made`` of the row if there is one.

        It is shared by all who ask until the file changes: nobody may change it.
        """
        if not self._usable:
            return False, None
        try:
            return True, self._found(made, query, values)
        except sqlite3.Error:
            self.close()
            return False, None

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None
        self._kept.clear()

    def _found(self, made: Callable[[Row], T], query: str, values: tuple[str, ...]) -> T | None:
        connection, asked = self._opened(), (query, *values)
        # Told by the file before it is read: what is committed in between is read, and then kept
        # under the older version, so that it is read again.
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version or len(self._kept) >= _KEPT:
            self._kept.clear()
            self._version = version
        if asked not in self._kept:
            row = connection.execute(query, values).fetchone()
            self._kept[asked] = made(dict(row)) if row is not None else None
        found: T | None = self._kept[asked]
        return found

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None or self._process != os.getpid():
            # No waiting for a lock here: the loop stands still meanwhile.
            opened = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=0)
            opened.row_factory = sqlite3.Row
            self._connection, self._process = opened, os.getpid()
            self._kept.clear()
        return self._connection
