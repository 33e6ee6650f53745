"""Statements and the rows that they find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Insert, Select, Update

Statement = Select[Any] | Insert | Update
Rows = list[dict[str, Any]]


def rows_of(query: Any, values: Any = None) -> Callable[[Connection], Rows]:
    """A query that finds the rows of a statement."""

    def find(connection: Connection) -> Rows:
        return [dict(row) for row in connection.execute(query, values).mappings()]

    return find
