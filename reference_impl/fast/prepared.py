"""What every single job asks of SQLite, without SQLAlchemy's way from a statement to its rows.

That way leads through pools, contexts and results, and takes ten times as long as SQLite's answer.
Here a statement is compiled once, with its types, and is a transaction of its own. No lock is
waited for: it is the event loop that runs this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError

from reference_impl.flowise.statements import Rows, Statement

DIALECT: Any = sqlite.dialect(paramstyle="named")
NOTHING_WRITTEN = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_SCHEMA}
)
PRIMARY_CODE = 0xFF

Convert = Callable[[Any], Any]


class LeftToOthers(Exception):
    """Nothing happened; whoever may wait for a lock, or words errors better, should ask."""


class Prepared:
    """A statement's text, and how its values go in and come out."""

    def __init__(self, statement: Statement, names: tuple[str, ...]) -> None:
        compiled: Any = statement.compile(dialect=DIALECT, column_keys=list(names))
        self.text = str(compiled)
        binds = {name: bind for name, bind in compiled.binds.items() if name in compiled.params}
        self._fixed = {name: bind.value for name, bind in binds.items() if name not in names}
        self._in = _converters({name: binds[name].type for name in names}, "bind_processor")
        columns: Any = statement.selected_columns if isinstance(statement, Select) else ()
        self._names = [str(column.key) for column in columns]
        types = {str(column.key): column.type for column in columns}
        self._out = _converters(types, "result_processor", None)

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What SQLite is given."""
        values = {**self._fixed, **given}
        for name, convert in self._in:
            values[name] = convert(values[name])
        return values

    def row(self, found: tuple[Any, ...]) -> dict[str, Any]:
        """What SQLite found, by column."""
        row = dict(zip(self._names, found, strict=True))
        for name, convert in self._out:
            row[name] = convert(row[name])
        return row


def _converters(types: Mapping[str, Any], kind: str, *more: Any) -> list[tuple[str, Convert]]:
    found = ((name, getattr(of.dialect_impl(DIALECT), kind)) for name, of in types.items())
    made = ((name, make(DIALECT, *more)) for name, make in found)
    return [(name, convert) for name, convert in made if convert is not None]


class Direct:
    """One connection to a file, for statements that are used again and again."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._prepared: dict[tuple[Statement, tuple[str, ...]], Prepared] = {}

    def find(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """The rows; raises :class:`LeftToOthers`."""
        prepared = self._of(statement, values)
        try:
            found = self._open().execute(prepared.text, prepared.values(values)).fetchall()
        except sqlite3.Error as error:
            raise LeftToOthers from error
        return [prepared.row(row) for row in found]

    def change(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """How many rows were written; raises :class:`LeftToOthers`, or SQLAlchemy's error."""
        prepared = self._of(statement, values)
        try:
            return self._open().execute(prepared.text, prepared.values(values)).rowcount
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in NOTHING_WRITTEN:
                raise LeftToOthers from error
            raise OperationalError(prepared.text, None, error) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()

    def _of(self, statement: Statement, values: Mapping[str, Any]) -> Prepared:
        key = (statement, tuple(values))
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared[key] = Prepared(*key)
        return prepared

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._file, timeout=0, isolation_level=None)
            connection.execute("PRAGMA synchronous=NORMAL")
            # Copying the log into the file waits for the disk: somebody else does that.
            connection.execute("PRAGMA wal_autocheckpoint=0")
            self._connection = connection
        return self._connection
