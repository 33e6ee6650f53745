"""The proof that exploring bites: `python -m tests.exploring [VARIANT…]`.

Explores broken variants one after the other, two minutes each at most, and plays what was saved
again with pytest. Fails unless at least twelve are found unaided, in eight steps or fewer, and
every saved file reproduces its fault.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

MINUTES = 2.0
LEAST = 12
MOST_STEPS = 8
SEED = 5
VARIANTS = (
    "cancel_by_anybody",
    "cancel_leaves_the_task_running",
    "cancel_looks_complete",
    "cancel_takes_the_neighbours",
    "cursor_per_worker",
    "event_after_the_end",
    "events_go_to_the_latest_job",
    "failure_looks_complete",
    "job_delivered_twice",
    "jobs_readable_by_all",
    "late_reader_sees_recent",
    "monitor_for_every_user",
    "one_cursor_for_all",
    "owner_streams_twice",
    "poll_after_end_waits",
    "readers_share_buffer",
    "stream_ends_unmarked",
)


@dataclass(frozen=True)
class Tried:
    """What exploring made of one variant; `reproduced` is what its saved file said."""

    variant: str
    took_s: float
    steps: int
    test: str
    reproduced: bool

    @property
    def found(self) -> bool:
        """Unaided, short, and to be had again."""
        return self.reproduced and 0 < self.steps <= MOST_STEPS


def explore(variant: str, out: Path) -> Tried:
    """Explore a variant and play the saved file."""
    began = time.monotonic()
    settings = ("REFERENCE_ENVIRONMENT=test", f"REFERENCE_VARIANT={variant}")
    with (out / f"{variant}.log").open("wb") as log:
        subprocess.run(
            [
                *(sys.executable, "-m", "queueproof", "explore", "--duration", f"{MINUTES}m"),
                *("--seed", str(SEED), "--out", str(out / variant)),
                *(word for setting in settings for word in ("--setting", setting)),
            ],
            stdout=log,
            stderr=log,
            check=False,
        )
        took_s = time.monotonic() - began
        saved = sorted((out / variant).glob("*/test_*.py"))
        if not saved:
            return Tried(variant, took_s, 0, "", reproduced=False)
        again = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(saved[0])],
            stdout=log,
            stderr=log,
            check=False,
        )
    return Tried(variant, took_s, _steps(saved[0]), saved[0].stem, again.returncode == 1)


def _steps(path: Path) -> int:
    """How long a saved schedule is."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            return len(node.value.elts)
    return 0


def main(names: list[str]) -> int:
    """Try them all; 1 when too few were found or a saved file did not reproduce."""
    console = Console()
    out = Path(tempfile.mkdtemp(prefix="queueproof-exploring-"))
    chosen = names or list(VARIANTS)
    tried = [explore(name, out) for name in track(chosen, "exploring", console=console)]
    table = Table("variant", "found in", "steps", "saved as", "reproduces", box=None)
    for one in tried:
        told = f"{one.took_s:.0f} s" if one.steps else "not found"
        again = "yes" if one.reproduced else "no"
        table.add_row(one.variant, told, str(one.steps or ""), one.test, again)
    console.print(table, f"{sum(t.found for t in tried)} of {len(tried)} found; logs in {out}")
    unproved = [one for one in tried if one.steps and not one.found]
    return int(sum(one.found for one in tried) < min(LEAST, len(chosen)) or bool(unproved))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
