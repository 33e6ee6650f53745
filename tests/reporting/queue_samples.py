"""Made-up matrices of outages: folders as the lab writes them, without any library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from queueproof.reporting import json_report
from queueproof.reporting.files import replace_file
from queueproof.reporting.model import RunResult
from queueproof.verdicts import Verdict

from . import samples

OUTAGES = (
    {"id": "CHAOS-201", "title": "A worker is killed in mid-job"},
    {"id": "CHAOS-214", "title": "Redis takes no writes for four seconds, as after a failover"},
)


def outcome(
    jobs: str = "kept", jobs_s: float | None = None, workers: str = "works", **counts: int
) -> dict[str, Any]:
    """What a scenario's entry says of its outcome."""
    return {
        "jobs": jobs,
        "jobs_s": jobs_s,
        "counts": counts or {jobs: 1},
        "workers": workers,
        "workers_s": 1.5,
    }


def entry(name: str, verdict: Verdict = Verdict.PASSED, **more: Any) -> dict[str, Any]:
    """One scenario as a report has it."""
    plain = {
        "id": name,
        "verdict": verdict.value,
        "title": "an outage",
        "outcome": outcome(),
        "promised": 'delivery = "at-least-once" (Guide > Acks)',
        "reproduce": f"queueproof lab rq==3.0.0 --chaos --only {name}",
    }
    return plain | more


def chaos_of(*entries: dict[str, Any], interrupted: str = "") -> RunResult:
    """A run of outages; a requirement has failed in each that says so."""
    rows = [
        samples.row(
            "OUTG-003",
            samples.case(
                "OUTG-003", Verdict(one["verdict"]), id=one["id"], actual="worker b took none"
            ),
            area="outages",
        )
        for one in entries
    ]
    return samples.result(
        *rows,
        kind="chaos",
        scenarios=entries,
        run=samples.run(interrupted=interrupted, command="queueproof lab rq==3.0.0 --chaos"),
        target=samples.target(contract="generic", version=None),
    )


def gate_of(*rows: Any, interrupted: str = "") -> RunResult:
    """A run of the gate."""
    return samples.result(
        *rows,
        run=samples.run(interrupted=interrupted, command="queueproof lab rq==3.0.0 --gate"),
        target=samples.target(contract="generic", version=None),
    )


def visit(system: str = "rq", version: str = "3.0.0", **more: Any) -> dict[str, Any]:
    """What the lab says of a system."""
    plain = {
        "system": system,
        "version": version,
        "variant": "",
        "words": [f"{system}=={version}"],
        "settings": {"BRIDGE_ACKS_LATE": "true"},
        "promises": ['delivery = "at-least-once" (Guide > Acks)'],
        "outages": list(OUTAGES),
        "runs": [{"kind": "outages", "processors": 2, "load_before": 0.4, "load_after": 2.5}],
    }
    return plain | more


def put(folder: Path, name: str, said: dict[str, Any], **runs: RunResult) -> Path:
    """A system's folder; `runs` are reports by kind and number, such as `outages_1`."""
    home = folder / "runs" / name
    home.mkdir(parents=True, exist_ok=True)
    (home / "visit.json").write_text(json.dumps(said), "utf-8")
    for key, result in runs.items():
        kind, _, number = key.partition("_")
        place = home / kind / f"run-{number}"
        place.mkdir(parents=True, exist_ok=True)
        replace_file(place / "report.json", json_report.render(result))
        replace_file(place / "report.html", "<title>a report</title>")
    return home


def whole(folder: Path) -> Path:
    """A matrix with every standing, a variant, a gate, and measures."""
    lost = entry(
        "CHAOS-201",
        outcome=outcome("lost", 71.0, lost=4, kept=9),
        promised='delivery = "at-most-once" (Guide > Acks)',
    )
    exits = entry("CHAOS-214", Verdict.FAILED, outcome=outcome("again", 98.2, "exits", again=2))
    gate = gate_of(samples.row("POLL-001", samples.case("POLL-001", Verdict.PASSED)))
    home = put(
        folder,
        "celery-5.7.0",
        visit("celery", "5.7.0"),
        outages_1=chaos_of(lost, exits),
        gate_1=gate,
    )
    measures = {
        "in_flight": [{"in_flight": 8, "per_s": 210.4, "p50_s": 0.031, "p99_s": 0.12}],
        "worker_mb": 61.2,
        "commands_a_job": 14.25,
    }
    (home / "measures.json").write_text(json.dumps(measures), "utf-8")
    late = visit("celery", "5.7.0", variant="acks-late")
    put(folder, "celery-5.7.0--acks-late", late, outages_1=chaos_of(entry("CHAOS-201")))
    busy = entry("CHAOS-201", Verdict.INCONCLUSIVE, reason="queueproof itself was late")
    unasked = entry("CHAOS-214", Verdict.NOT_ASSESSED, reason="needs worker programs")
    put(folder, "rq-3.0.0", visit(), outages_1=chaos_of(busy, unasked))
    return folder
