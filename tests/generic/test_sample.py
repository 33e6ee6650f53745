"""The contract generic on the sample API: healthy it passes whole, broken it is found out."""

from __future__ import annotations

import pytest

from .conftest import Broken, Sample

#: A fault, what is asked, and what of it must fail.
FAULTS = [
    ("cursor_in_memory", ("POLL-002", "POLL-003", "STRM-001"), {"POLL-003"}),
    ("cancel_where_it_began", ("CANC-002", "CANC-003", "CANC-008"), {"CANC-003"}),
    (
        "failures_look_finished",
        ("POLL-008", "STRM-005", "STRM-006", "STAT-001", "STAT-003"),
        {"POLL-008", "STRM-006", "STAT-001"},
    ),
]


def test_the_healthy_sample_passes_whole(healthy: Sample) -> None:
    """Every requirement that applies to any queue, none failed.

    What the sample neither promises nor lets be launched is not asked.
    """
    run = healthy.gate()

    assert run.exit_code == 0, run.output
    verdicts = {row["id"]: row["verdict"] for row in run.report["requirements"]}
    unasked = {name for name, verdict in verdicts.items() if verdict == "not_assessed"}
    assert {name.partition("-")[0] for name in unasked} == {"PROM", "WORK"}, verdicts
    assert {verdict for name, verdict in verdicts.items() if name not in unasked} == {"passed"}
    assert len(verdicts) - len(unasked) >= 45
    assert run.report["target"]["workers"] == ["a", "b"]


@pytest.mark.parametrize(("fault", "asked", "failing"), FAULTS)
def test_a_fault_is_found_and_nothing_else_is_accused(
    broken: Broken, fault: str, asked: tuple[str, ...], failing: set[str]
) -> None:
    """What the fault breaks fails, what it leaves alone passes, and the mapping is no culprit.

    The line that reproduces it names the mapping, without which there is no target.
    """
    run = broken(fault).gate(*(word for name in asked for word in ("--only", name)))

    assert run.exit_code == 1, run.output
    assert {name for name in asked if run.verdict_of(name) == "failed"} == failing
    assert {name for name in asked if run.verdict_of(name) == "passed"} == set(asked) - failing
    rows = [row for row in run.report["requirements"] if row["id"] in failing]
    told = {case["reproduce"] for row in rows for case in row["cases"] if case.get("reproduce")}
    assert told
    assert all("--config " in line and "mapping.toml --only" in line for line in told), told
