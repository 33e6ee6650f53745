"""Playing on variants: a gate or an outage of its own for each, several at once.

A gate that shares two processors with four others may not be able to judge what it saw, and says
so. When the others are over, such a variant is asked once more, about that, and what it says then
counts.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from queueproof.verdicts import ExitCode, Verdict
from tests.faulty.catalogue import Variant
from tests.faulty.judging import Played, judge, left_open
from tests.faulty.promising import TOKENS, write_target_file
from tests.preforked import preforked

#: An outage of a minute whose clients hope in vain, looked at twice.
LONGEST_S = 420.0
LANES = 2
_SETTLED = (ExitCode.PASSED, ExitCode.FAILED, ExitCode.INCONCLUSIVE)
_LAST_LINES = 3
#: Facts of operations that are beside the question of their case.
_BESIDE = {"tidying", "attending"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a proof is played: the contract, where the reports go, how much at once.

    Outages mostly wait, so they have `outages_at_once` places of their own beside the gates, which
    the gates inherit when all outages are over. `settings` are those of every variant besides.
    """

    contract: str
    out: Path
    at_once: int
    seed: int
    outages_at_once: int = 2
    settings: tuple[tuple[str, str], ...] = ()


async def play_all(
    asked: Sequence[tuple[Variant, tuple[str, ...]]],
    plan: Plan,
    *,
    started: Callable[[Variant], None],
    finished: Callable[[Variant, Played], None],
    postponed: Callable[[Variant, frozenset[str]], None],
) -> None:
    """Play each variant's requirements; those that take longest should come first."""
    again: list[tuple[Variant, Played, frozenset[str]]] = []
    gates, outages = asyncio.Semaphore(plan.at_once), asyncio.Semaphore(plan.outages_at_once)
    outages_left = sum(bool(variant.scenario) for variant, _ in asked)

    async def one(variant: Variant, requirements: tuple[str, ...]) -> None:
        nonlocal outages_left
        async with outages if variant.scenario else gates:
            started(variant)
            played = await play(variant, requirements, plan)
        if open_ids := left_open(judge(variant, played)):
            again.append((variant, played, open_ids))
            postponed(variant, open_ids)
        else:
            finished(variant, played)
        if variant.scenario:
            outages_left -= 1
            if not outages_left:
                for _ in range(plan.outages_at_once):
                    gates.release()

    async with asyncio.TaskGroup() as group:
        for variant, requirements in asked:
            group.create_task(one(variant, requirements))
    alone = replace(plan, out=plan.out / "again")
    for variant, before, open_ids in again:
        started(variant)
        finished(variant, completed(before, await play(variant, sorted(open_ids), alone), open_ids))


def completed(first: Played, second: Played, open_ids: frozenset[str]) -> Played:
    """A run together with the one that was made for what it had left open.

    What failed in the first has failed, whatever was said of it beside other cases later.
    """
    failed = first.those(Verdict.FAILED)
    held = {
        id_: told
        for id_, told in first.actuals.items()
        if id_ in failed or id_ not in second.verdicts
    }
    seen = {case: given for case, given in first.cases.items() if given is Verdict.FAILED}
    return replace(
        second,
        verdicts={**first.verdicts, **second.verdicts, **dict.fromkeys(failed, Verdict.FAILED)},
        actuals={**second.actuals, **held},
        left_open=open_ids,
        cases={**first.cases, **second.cases, **seen},
        duration_s=first.duration_s + second.duration_s,
    )


async def play(variant: Variant, requirements: Sequence[str], plan: Plan) -> Played:
    """Run one gate or outage on a variant and read its report."""
    folder = plan.out / variant.label.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began, log = time.monotonic(), folder / "run.log"
    with log.open("wb") as sink:
        code = await preforked().run_within(
            command(variant, requirements, plan, folder),
            environment=_environment(plan) | (TOKENS if variant.promises else {}),
            sink=sink,
            within_s=LONGEST_S,
        )
    took_s = time.monotonic() - began
    reports = sorted(folder.glob("*/report.json"))
    if code not in _SETTLED or not reports:
        return Played(trouble=_trouble(code, log), duration_s=took_s)
    played = played_of(json.loads(reports[-1].read_text("utf-8")), duration_s=took_s)
    looked = operations_of(reports[-1].with_name("history.jsonl.gz")) if variant.alters else {}
    return replace(played, looked=looked)


def command(
    variant: Variant, requirements: Sequence[str], plan: Plan, out: Path
) -> tuple[str, ...]:
    """The arguments of `queueproof`, for the gate or the outage."""
    settings = {
        **dict(plan.settings),
        **dict(variant.settings),
        "REFERENCE_ENVIRONMENT": "test",
        "REFERENCE_VARIANT": variant.name,
    }
    what = _outage(variant) if variant.scenario else _gate(variant, requirements)
    return (
        *(*what, "--contract", plan.contract),
        *("--seed", str(plan.seed), "--out", str(out)),
        *_promised(variant, out),
        *(word for name, value in settings.items() for word in ("--setting", f"{name}={value}")),
    )


def _promised(variant: Variant, out: Path) -> tuple[str, ...]:
    if not variant.promises:
        return ()
    return ("--config", str(write_target_file(dict(variant.promises), out)))


def _gate(variant: Variant, requirements: Sequence[str]) -> tuple[str, ...]:
    only = (word for requirement in requirements for word in ("--only", requirement))
    return ("gate", "--workers", str(variant.workers), "--parallel", str(LANES), *only)


def _outage(variant: Variant) -> tuple[str, ...]:
    return ("chaos", "--only", variant.scenario)


def played_of(report: dict[str, Any], *, duration_s: float) -> Played:
    """What a gate's report says of each requirement."""
    rows = report["requirements"]
    return Played(
        verdicts={row["id"]: Verdict(row["verdict"]) for row in rows},
        actuals={row["id"]: told for row in rows if (told := _told(row))},
        duration_s=duration_s,
        cases={case["id"]: Verdict(case["verdict"]) for row in rows for case in row["cases"]},
        doubted=frozenset(
            row["id"]
            for row in rows
            if Verdict.INCONCLUSIVE in {Verdict(case["verdict"]) for case in row["cases"]}
        ),
    )


def operations_of(history: Path) -> dict[str, frozenset[str]]:
    """By case, the kinds of operation that it did, without those that tidy up behind it, or that
    only keep its job from being reclaimed.
    """
    done: defaultdict[str, set[str]] = defaultdict(set)
    with gzip.open(history, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if not _BESIDE & row.get("facts", {}).keys():
                done[row["case"]].add(row["kind"])
    return {case: frozenset(kinds) for case, kinds in done.items()}


def _told(row: dict[str, Any]) -> str:
    """What the row's gravest case says of itself."""
    texts = [
        case["actual"] or case["reason"]
        for case in row["cases"]
        if case["verdict"] == row["verdict"] and row["verdict"] != Verdict.PASSED.value
    ]
    return next(filter(None, texts), "")


def _environment(plan: Plan) -> dict[str, str]:
    """Ours without settings of gates, and one place for bytecode: every module is compiled once."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUEUEPROOF_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPYCACHEPREFIX": str((plan.out / "bytecode").resolve())}


def _trouble(code: int | None, log: Path) -> str:
    how = f"after {LONGEST_S:.0f} s" if code is None else f"with exit code {code}"
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    return f"it ended {how}: {' / '.join(list(filter(None, lines))[-_LAST_LINES:])[-300:]}"
