"""The outages that a chaos run would play, as a table or as JSON, and those that failed last."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.chaos.scenario import Scenario, lacking_need
from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.reporting import digest, json_report
from queueproof.reporting.run_folders import newest_report
from queueproof.running.screen import telling_of
from queueproof.verdicts import Verdict

_AGAIN = (Verdict.FAILED, Verdict.ERROR, Verdict.INCONCLUSIVE)


def show_scenarios(
    scenarios: Sequence[Scenario], target: TargetConfig, console: Console, *, embedded: bool
) -> None:
    """Print them, with what the target lacks for them; as JSON where the screen wants that."""
    lacking = {one.id: lacking_need(one, target, launched=embedded) for one in scenarios}
    if telling_of(console).as_json:
        rows = [
            {
                "id": one.id,
                "title": one.title,
                "verifies": one.verifies,
                "costs": one.costs,
                "lasts_s": round(one.lasts_s(target.timings, target.promises), 1),
                "not_played_because": lacking[one.id],
            }
            for one in scenarios
        ]
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
        return
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(scenarios)} scenarios")
    for name in ("id", "what happens", "what it verifies", "may cost"):
        table.add_column(name, overflow="fold")
    table.add_column("fault lasts", justify="right")
    for one in scenarios:
        why = lacking[one.id]
        lasts = "not played" if why else f"{one.lasts_s(target.timings, target.promises):.0f} s"
        what = f"{one.title} (not played: {why})" if why else one.title
        table.add_row(*(Text(cell) for cell in (one.id, what, one.verifies, one.costs, lasts)))
    console.print(table)


def failed_scenarios(out: Path, contract: str) -> tuple[str, ...]:
    """The IDs of the outages that did not pass in the newest chaos report below `out`.

    Raises UsageError where there is none of this contract.
    """
    path = newest_report(out, kind="chaos", contract=contract)
    if path is None:
        raise UsageError(
            f"--last-failed: there is no report of a chaos run on {contract} below {out}"
        )
    entries = json_report.load(path).scenarios
    return tuple(str(one["id"]) for one in entries if digest.entry_verdict(one) in _AGAIN)
