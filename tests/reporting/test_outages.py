"""Outages and load profiles are told in sentences and grids, never as dumps of records."""

from __future__ import annotations

import re
from typing import Any

import pytest

from queueproof.reporting import figures, html, outages
from queueproof.verdicts import Verdict

from . import samples

OUTAGE: dict[str, Any] = {
    "id": "CHAOS-001",
    "verdict": "failed",
    "title": "Redis cannot be reached",
    "verifies": "Jobs survive.",
    "fault": "down",
    "confirmation": "one: refused; two: refused",
    "reason": "",
    "duration_s": 22.2,
    "phases": [
        {
            "name": "before",
            "lasted_s": 3.0,
            "verdict": "passed",
            "requirements": {"RESI-001": "passed", "LIFE-008": "not_assessed"},
            "findings": [],
        },
        {
            "name": "during",
            "lasted_s": 2.0,
            "verdict": "failed",
            "requirements": {"RESI-001": "failed", "LIFE-008": "not_assessed"},
            "findings": ["RESI-001 at 4.0s: a job was lost"],
        },
    ],
    "reproduce": "queueproof chaos --only CHAOS-001",
    "schedule": "schedules/CHAOS-001.json",
    "jobs": {"submitted": 30, "accepted": 28, "refused": 2, "unanswered": 0, "cancelled": 8},
}
PROFILE: dict[str, Any] = {
    "id": "steady",
    "verdict": "passed",
    "title": "Steady arrivals",
    "verifies": "Nothing is lost.",
    "reasons": [],
    "rate_per_s": 4.0,
    "gates": [
        {"gate": "submit.p99_ms", "limit": 400.0, "figure": 81.2, "verdict": "passed"},
    ],
    "latency_ms": {"first_event": {"p50": 15.6, "p99": 112.6}},
    "samples": {"first_event": 39, "lag": 1122},
    "throughput": {"jobs_offered": 39, "jobs_ended": 39, "jobs_per_s": 3.24, "lasted_s": 12.0},
    "errors": {"failed": 0, "of": 78, "reasons": []},
    "history_check": {"jobs": 39, "deviations": 0, "examples": []},
    "growth": [
        {"measure": "redis_keys", "early": 2.0, "late": 76.5, "bound": None, "held": True},
        {"measure": "rss_mb", "early": 2.0, "late": 3.0, "bound": 50.0, "held": True},
    ],
}


def page(**entries: Any) -> str:
    result = samples.result(verdict=Verdict.PASSED, kind="chaos", **entries)
    return re.sub(r"<(style|script).*?</\1>", "", html.render(result), flags=re.DOTALL)


def test_an_outage_is_told_in_sentences() -> None:
    told = dict(outages.sentences_of(OUTAGE))

    assert told["Jobs"] == "30 submitted: 28 accepted, 2 refused; 8 of them were to be cancelled"
    assert told["It took effect"] == "one: refused\ntwo: refused"
    assert "Reason" not in told
    assert outages.findings_of(OUTAGE) == [("during", "RESI-001 at 4.0s: a job was lost")]


def test_the_phases_are_a_grid_by_requirements() -> None:
    """What no phase gave an occasion to judge has no row."""
    grid = outages.phase_grid(OUTAGE)

    assert grid is not None
    assert grid.phases == ("before", "during")
    assert grid.rows == (("RESI-001", (Verdict.PASSED, Verdict.FAILED)),)
    assert outages.phase_grid({"phases": [{"name": "x"}, "y"]}) is None


@pytest.mark.parametrize("entries", [{"scenarios": (OUTAGE,)}, {"profiles": (PROFILE,)}])
def test_a_page_has_titles_and_no_dumps(entries: dict[str, Any]) -> None:
    text = page(**entries)

    [entry] = next(iter(entries.values()))
    assert entry["title"] in text
    assert not re.search(r"&#34;\w+&#34;: |\{\s*&#34;|not_assessed|&quot;", text)


def test_the_command_that_plays_an_outage_again_is_a_command() -> None:
    assert 'aria-label="Command that reproduces CHAOS-001"' in page(scenarios=(OUTAGE,))


def test_accounting_and_gates_come_before_the_charts() -> None:
    text = page(profiles=(PROFILE,))

    order = ["39 offered, 39 ended", "0 of 78 failed", ">Gates<", ">Latency (ms)<", ">Throughput<"]
    assert [text.index(word) for word in order] == sorted(text.index(word) for word in order)
    assert "none was lost, doubled, out of order or left without an end" in text


def test_a_lost_job_is_the_first_thing_told() -> None:
    lost = {"job": "j1", "what": "lost", "words": "never ended", "at_s": 3.0}
    check = {"jobs": 39, "deviations": 1, "examples": [lost]}

    told = figures.accounting_of({**PROFILE, "history_check": check})

    assert told[0] == ("Jobs", "39 offered, 39 ended; of 39 that were accepted, 1 deviates")
    assert told[1] == ("Deviation", "lost at 3.0 s: never ended (job j1)")


def test_figures_have_units_and_numbers_a_side_of_their_own() -> None:
    grids = {grid.title: grid for grid in figures.grids_of(PROFILE)}

    assert grids["Gates"].rows == [["submit p99 (ms)", "400", "81.2", "passed"]]
    assert grids["Gates"].numeric == [False, True, True, False]
    assert grids["Latency (ms)"].rows == [["first event", "39", "15.6", "112.6"]]
    assert ["jobs per second", "3.24"] in grids["Throughput"].rows
    assert 'class="number"' in page(profiles=(PROFILE,))


def test_what_has_no_limit_has_not_held_it() -> None:
    [growth] = [grid for grid in figures.grids_of(PROFILE) if grid.title.startswith("Growth")]

    assert growth.head[-2:] == ["allowed", "held"]
    assert [row[-2:] for row in growth.rows] == [["no limit", ""], ["50", "yes"]]
