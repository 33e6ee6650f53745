"""Gates through every front, before one server of three workers, three replicas, and others.

    python -m tests.deployments [--only AREA …] [--front NAME …] [--base NAME …] [--out FOLDER]

The bases: "3 workers" and "3 replicas" of langflow, "predictions" (flowise), "queue" (generic).
Prints a table as it goes; what fails, and why cases were not assessed, is in the folder's reports.
A whole gate takes two minutes on a quiet machine, and there are more than a hundred.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from .fronts import FRONTS, Front
from .judging import Judgement, judge_as_described
from .odd_fronts import ODD_FRONTS
from .other_contracts import predictions_served, queue_served
from .serving import HEADER, Deployment, serving

WAYS = {"monitor": "", "header": f'worker_header = "{HEADER}"'}
NO_WAY = {"": ""}
BASES: dict[str, Callable[[Path], AbstractContextManager[Deployment]]] = {
    "3 workers": partial(serving, replicas=1, workers=3),
    "3 replicas": partial(serving, replicas=3, workers=1),
    "predictions": predictions_served,
    "queue": queue_served,
}


def main() -> None:
    """Play the matrix."""
    parser = argparse.ArgumentParser(description="gates through every front")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--front", action="append", default=[])
    parser.add_argument("--base", action="append", default=[], choices=BASES)
    parser.add_argument("--out", type=Path, default=None)
    chosen = parser.parse_args()
    out = chosen.out or Path(tempfile.mkdtemp(prefix="queueproof-fronts-"))
    print(f"reports below {out}\n\n| front | before | by | seen |\n|---|---|---|---|")
    for base in chosen.base or BASES:
        folder = out / base.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        with BASES[base](folder) as deployment:
            for front in (*FRONTS, *ODD_FRONTS):
                if not chosen.front or front.name in chosen.front:
                    _through(front, deployment, base, folder, chosen.only)


def _through(
    front: Front, deployment: Deployment, base: str, out: Path, only: Sequence[str]
) -> None:
    if lacking := front.lacks():
        print(f"| {front.name} | {base} | | skipped: {lacking} |")
        return
    folder = out / str(front)
    ways = WAYS if deployment.contract == "langflow" else NO_WAY
    with front.before(deployment.ports, folder, ready=deployment.ready) as url:
        for way, target in ways.items():
            began = time.monotonic()
            verdict = judge_as_described(
                deployment, url, folder=folder / way, only=only, target=target
            )
            took_s = time.monotonic() - began
            print(f"| {front.name} | {base} | {way} | {_in_words(verdict, took_s)} |", flush=True)


def _in_words(verdict: Judgement, took_s: float) -> str:
    if not verdict.report:
        return verdict.output[-300:].replace("\n", " ")
    number = Counter(row["verdict"] for row in verdict.report["requirements"])
    counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(number.items()))
    doubts = ", ".join(verdict.verdicts("inconclusive"))
    failed = "; ".join(f"**{name}**: {actual[:120]}" for name, actual in verdict.failed.items())
    workers = ", ".join(verdict.report["target"]["workers"])
    return " · ".join(
        part
        for part in (
            f"exit {verdict.exit_code}, {took_s:.0f} s",
            counts,
            f"workers {workers}",
            verdict.notes[:160],
            doubts and f"inconclusive {doubts}",
            failed,
        )
        if part
    )


if __name__ == "__main__":
    main()
