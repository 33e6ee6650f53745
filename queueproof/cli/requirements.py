"""`queueproof requirements`: the registry, as a table."""

from __future__ import annotations

from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.requirements import load_registry


def requirements(
    words: Annotated[
        list[str] | None, typer.Argument(help="IDs or areas; all when none is given.")
    ] = None,
    contract: Annotated[str, typer.Option(help="Whose requirements.")] = "langflow",
) -> None:
    """List the **requirements**: ID, level, access they need, and what they say."""
    rows = load_registry(contract).select(words or ())
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(rows)} requirements of {contract}")
    for name in ("id", "level", "access", "requirement", "heading"):
        table.add_column(name, overflow="fold")
    for row in rows:
        cells = (row.id, row.level.value, row.access.value, row.sentence, row.heading)
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)
