"""Rows by their key, straight from the SQLite file: what every single request needs.

An asynchronous driver hands each step of a query to a thread and back, which takes a hundred times
as long as the query. A look at one row by its primary key is done in the time of one such step, and
with a write-ahead log no writer can hold it up: so it is done where it is asked for. Whatever is
odd (no such file yet, a lock, another schema) is left to the asynchronous way, which tells it.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any

from sqlalchemy import URL

_MEMORY = ("", ":memory:")


class QuickReads:
    """One process's own connection to the file; opened when first asked, never carried on."""

    def __init__(self, url: URL) -> None:
        self._path = url.database or ""
        self._usable = url.get_backend_name() == "sqlite" and self._path not in _MEMORY
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def row(self, query: str, *values: str) -> tuple[bool, dict[str, Any] | None]:
        """Whether this could tell, and the row if there is one."""
        if not self._usable:
            return False, None
        try:
            found = self._opened().execute(query, values).fetchone()
        except sqlite3.Error:
            self.close()
            return False, None
        return True, dict(found) if found is not None else None

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None or self._process != os.getpid():
            # No waiting for a lock here: the loop stands still meanwhile.
            opened = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=0)
            opened.row_factory = sqlite3.Row
            self._connection, self._process = opened, os.getpid()
        return self._connection
