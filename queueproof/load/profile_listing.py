"""The load profiles that there are, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.load.profile import Profile
from queueproof.running.screen import telling_of


def show_profiles(profiles: Sequence[Profile], console: Console) -> None:
    """Print them; as JSON on standard output where the screen wants that."""
    if telling_of(console).as_json:
        rows = [
            {
                "id": one.id,
                "title": one.title,
                "verifies": one.verifies,
                "rate_per_s": one.rate,
                "lasts_s": one.duration_s,
            }
            for one in profiles
        ]
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
        return
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(profiles)} profiles")
    for name in ("profile", "what arrives", "what it verifies"):
        table.add_column(name, overflow="fold")
    table.add_column("jobs/s", justify="right")
    table.add_column("lasts", justify="right", no_wrap=True)
    for one in profiles:
        cells = (one.id, one.title, one.verifies, f"{one.rate:g}", f"{one.duration_s:g} s")
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
