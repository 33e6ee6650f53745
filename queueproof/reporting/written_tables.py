"""A table of texts in the forms that people and programs read: terminal, JSON, CSV, Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from queueproof.reporting.text import shown_in_line


@dataclass(frozen=True)
class WrittenTable:
    """A title, the columns' names, and rows of as many cells."""

    title: str
    names: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def __rich__(self) -> Table:
        """For a terminal: folded, so that nothing is cut off; the first column stays whole."""
        table = Table(box=box.SIMPLE_HEAD, title=self.title)
        for number, name in enumerate(self.names):
            table.add_column(name, overflow="fold", no_wrap=number == 0)
        for row in self.rows:
            table.add_row(*(Text(shown_in_line(cell)) for cell in row))
        return table

    def written(self, form: str) -> str:
        """As `json` (a list of objects), `csv` (with a head) or `md`."""
        writers = {"json": self._as_json, "csv": self._as_csv, "md": self._as_markdown}
        return writers[form]()

    def _as_json(self) -> str:
        objects = [dict(zip(self.names, row, strict=True)) for row in self.rows]
        return json.dumps(objects, indent=2, ensure_ascii=False) + "\n"

    def _as_csv(self) -> str:
        sink = io.StringIO()
        csv.writer(sink, lineterminator="\n").writerows([self.names, *self.rows])
        return sink.getvalue()

    def _as_markdown(self) -> str:
        rows = [self.names, ("---",) * len(self.names), *self.rows]
        lines = ("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows)
        return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return shown_in_line(text).replace("|", "\\|")
