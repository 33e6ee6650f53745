"""Sample results of chaos runs, for the writers' tests."""

from __future__ import annotations

from dataclasses import replace

from queueproof.reporting.model import RunResult
from queueproof.reporting.quantities import quantities_of
from queueproof.verdicts import Verdict

from .samples import MARKUP, case, result, row


def chaos() -> RunResult:
    """A chaos run: two scenarios, no requirement rows."""
    findings = ["CHAOS-001 at 7.2s: expected every tick once; ticks 3..5 lost (job 1f2c9e)"]
    scenarios = (
        {
            "id": "redis-frozen",
            "verdict": "failed",
            "fault": "SIGSTOP to Redis for 10 s",
            "confirmation": "PING unanswered for 9.8 s",
            "phases": [
                {"name": "before", "lasted_s": 5.0, "verdict": "passed", "findings": []},
                {"name": "during", "lasted_s": 10.0, "verdict": "failed", "findings": findings},
            ],
        },
        {"id": "proxy-latency", "verdict": "passed", "fault": MARKUP, "phases": []},
        {
            "id": "sweep-cut",
            "verdict": "failed",
            "fault": "cut before each command in turn",
            "phases": [],
            "cells": [
                {"nth": 0, "command": "HSET", "verdict": "passed", "failing": [], "reason": ""},
                {"nth": 1, "command": "XADD", "verdict": "failed", "failing": ["CHAOS-001"]},
                {"nth": 3, "command": MARKUP, "verdict": "inconclusive", "reason": MARKUP},
            ],
        },
    )
    measured = {"loss_to_known_s": (4.0, 1.25, 8.5), MARKUP: (0.001,), "waiting_s": ()}
    return result(
        verdict=Verdict.FAILED,
        kind="chaos",
        scenarios=scenarios,
        quantities=quantities_of(measured),
    )


def many_outages(number: int = 24) -> RunResult:
    """A chaos run in which every other outage broke four requirements, with much to tell of it."""
    names = ("RESI-001", "RESI-004", "RESI-007", "RESI-010")
    trace = tuple(
        f"{at}.125s poll via {'ab'[at % 2]} 200 ok in 0.101s ticks 0..{at}" for at in range(16)
    )
    ids = [f"CHAOS-{at:03}" for at in range(1, number + 1)]
    rows = tuple(
        row(
            name,
            *(
                case(name, Verdict.FAILED if at % 2 else Verdict.PASSED, id=one, trace=trace)
                for at, one in enumerate(ids)
            ),
            area="resilience",
        )
        for name in names
    )
    sentence = "an accepted job comes to its own end; " * 4
    scenarios = tuple(
        {
            "id": one,
            "verdict": "failed" if at % 2 else "passed",
            "title": f"Redis is away for {at} seconds and comes back with its data",
            "verifies": "Jobs that waited are run, and every worker takes jobs again.",
            "fault": "redis restart · keep data True",
            "confirmation": "PING unanswered for 2.9 s, then a new run id",
            "duration_s": 60.0 + at,
            "phases": [
                {
                    "name": phase,
                    "lasted_s": 5.0,
                    "verdict": "failed" if at % 2 else "passed",
                    "requirements": dict.fromkeys(names, "failed" if at % 2 else "passed"),
                    "findings": [f"{name} at {at}.5s: {sentence}" for name in names]
                    if at % 2
                    else [],
                }
                for phase in ("before", "during", "recovery", "after")
            ],
            "broken": [
                {
                    "requirement": name,
                    "at_s": 11.5,
                    "when": "0.3 s after the fault began",
                    "expected": sentence,
                    "actual": sentence,
                    "findings": 21,
                }
                for name in names
            ]
            if at % 2
            else [],
            "reproduce": f"queueproof chaos --config staging.toml --only {one} --seed 41",
        }
        for at, one in enumerate(ids)
    )
    return result(*rows, verdict=Verdict.FAILED, kind="chaos", scenarios=scenarios)


def outages() -> RunResult:
    """A chaos run of three outages, two of which broke three requirements in four ways."""
    log = ("ERROR index gone", MARKUP)
    struck = case("RESI-004", Verdict.FAILED, id="CHAOS-027", wrong_operations=(17,), log=log)
    rows = (
        row("RESI-003", replace(struck, requirement="RESI-003"), level="SHOULD", area="resilience"),
        row("RESI-004", struck, level="MUST", area="resilience"),
        row("RESI-010", case("RESI-010", Verdict.FAILED), level="SHOULD", area="resilience"),
        row("LIFE-008", case("LIFE-008", Verdict.PASSED), area="lifecycle"),
    )
    lost = {
        "requirement": "RESI-003",
        "phase": "during",
        "at_s": 11.5,
        "when": "0.3 s after the fault began",
        "expected": "ticks 0..27 once each, in order",
        "actual": "6 deliveries by poll: 22 missing (6, 7, …)",
        "findings": 21,
        "job": "1f2c9e",
        "operation": 17,
        "kind": "poll",
        "log": ["11.2s replica 0: ERROR index gone", f"11.4s replica 1: {MARKUP}"],
    }
    untrue = {**lost, "requirement": "RESI-004", "at_s": 12.0, "actual": MARKUP, "findings": 1}
    silent = {"requirement": "RESI-010", "at_s": 3.0, "actual": "it says well", "kind": "health"}
    times = {"words": "until run again", "samples": 3, "p50_s": 1.5, "p100_s": 4.0}
    scenarios = (
        {"id": "CHAOS-001", "verdict": "passed", "title": "Redis is down", "phases": []},
        {
            "id": "CHAOS-027",
            "verdict": "failed",
            "title": "The index is flushed",
            "phases": [
                {"name": "during", "verdict": "failed", "findings": [f"it {n}" for n in range(9)]}
            ],
            "broken": [lost, untrue],
            "quantities": [times, "no quantity"],
        },
        {
            "id": "CHAOS-001-again",
            "verdict": "failed",
            "title": "Redis is down again",
            "phases": [],
            "broken": [silent, {"requirement": "NONE-001"}, "nothing"],
        },
        {"id": "CHAOS-002", "verdict": "passed", "phases": [], "broken": MARKUP},
    )
    return result(*rows, kind="chaos", scenarios=scenarios)
