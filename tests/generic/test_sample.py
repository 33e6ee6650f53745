"""The contract generic on the sample API: healthy it passes whole, broken it is found out."""

from __future__ import annotations

import pytest

from .conftest import Broken, Sample

#: A fault, what is asked, and what of it must fail.
FAULTS = [
    (
        "cursor_in_memory",
        ("POLL-002", "POLL-003", "POLL-011", "STRM-001"),
        {"POLL-003", "POLL-011"},
    ),
    ("cancel_where_it_began", ("CANC-002", "CANC-003", "CANC-008"), {"CANC-003"}),
    (
        "failures_look_finished",
        ("POLL-008", "STRM-005", "STRM-006", "STAT-001", "STAT-003"),
        {"POLL-008", "STRM-006", "STAT-001"},
    ),
    ("streams_begin_now", ("POLL-001", "STRM-008", "STRM-009"), {"STRM-008", "STRM-009"}),
]


def test_the_healthy_sample_passes_whole(healthy: Sample) -> None:
    """Every requirement that applies to any queue, none failed, none left out."""
    run = healthy.gate()

    assert run.exit_code == 0, run.output
    verdicts = {row["id"]: row["verdict"] for row in run.report["requirements"]}
    assert set(verdicts.values()) == {"passed"}, verdicts
    assert len(verdicts) >= 45
    assert run.report["target"]["workers"] == ["a", "b"]


@pytest.mark.parametrize(("fault", "asked", "failing"), FAULTS)
def test_a_fault_is_found_and_nothing_else_is_accused(
    broken: Broken, fault: str, asked: tuple[str, ...], failing: set[str]
) -> None:
    """What the fault breaks fails, what it leaves alone passes, and the mapping is no culprit."""
    run = broken(fault).gate(*(word for name in asked for word in ("--only", name)))

    assert run.exit_code == 1, run.output
    assert {name for name in asked if run.verdict_of(name) == "failed"} == failing
    assert {name for name in asked if run.verdict_of(name) == "passed"} == set(asked) - failing


def test_a_failure_is_reproduced_with_the_same_mapping(broken: Broken) -> None:
    """The line that reproduces names the file, without which there is no target."""
    run = broken("failures_look_finished").gate("--only", "STRM-006")

    assert "--config" in run.output
    assert "--contract generic --only STRM-006" in run.output
