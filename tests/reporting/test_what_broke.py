"""Which outage broke which promise, as the first screen tells it."""

from __future__ import annotations

from dataclasses import replace

from queueproof.reporting import html, markdown, what_broke
from queueproof.verdicts import Verdict

from . import outage_samples, samples
from .test_golden import terminal_text


def test_breaches_are_grouped_by_what_users_notice_those_of_a_must_first() -> None:
    events, monitor = what_broke.groups_of(outage_samples.outages())

    assert events.words == "Events are lost, repeated or never come"
    assert [(each.row.id, each.case) for each in events.breaches] == [
        ("RESI-004", "CHAOS-027"),
        ("RESI-003", "CHAOS-027"),
    ]
    assert monitor.words == "The monitor or the health check misleads"
    assert monitor.breaches[0].place == "scenario-3"


def test_what_happened_is_a_sentence() -> None:
    groups = what_broke.groups_of(outage_samples.outages())
    lost = groups[0].breaches[1]
    assert lost.outage == "CHAOS-027 The index is flushed"
    assert lost.sentence == (
        "0.3 s after the fault began: 6 deliveries by poll: 22 missing (6, 7, …) "
        "(and 20 more findings)"
    )
    assert what_broke.outages_in_words(groups, 4) == "2 of 4 outages broke 3 requirements"


def test_what_breaks_a_must_is_drawn_first() -> None:
    sample = outage_samples.outages()
    musts = tuple(
        replace(row, level="MUST" if row.id == "RESI-010" else "SHOULD")
        for row in sample.requirements
    )
    first = what_broke.first_of(what_broke.groups_of(replace(sample, requirements=musts)))
    assert first is not None
    assert first.row.id == "RESI-010"


def test_a_report_that_says_nothing_of_it_has_its_attention_by_requirement() -> None:
    sample = samples.result(
        samples.row("RESI-001", samples.case("RESI-001", Verdict.FAILED)), kind="chaos"
    )
    assert what_broke.groups_of(sample) == []
    assert what_broke.first_of([]) is None
    assert "What needs attention" in html.render(sample)


def test_what_is_told_by_outage_is_not_told_twice() -> None:
    page = html.render(outage_samples.outages())
    assert "needs attention" not in page
    assert "2 of 4 outages broke 3 requirements" in page
    assert "3 more findings" in page
    assert "until run again: half within 1.50 s, all within 4.00 s (3)" in page


def test_a_requirement_lists_every_outage_that_broke_it() -> None:
    """In the summary and on the terminal; the commands to repeat them stand together."""
    sample = outage_samples.outages()
    broken = sample.requirements[1]
    again = replace(
        broken.cases[0],
        id="CHAOS-001-again",
        actual="told nothing",
        reproduce="queueproof chaos --only CHAOS-001",
    )
    both = replace(broken, cases=(broken.cases[0], again))
    sample = replace(sample, requirements=(both,))

    [promise] = what_broke.promises_broken(sample)

    assert [line.partition(",")[0] for line in promise.outages] == [
        "CHAOS-027 The index is flushed",
        "CHAOS-001-again Redis is down again",
    ]
    assert promise.outages[1].endswith(", told nothing")
    assert len(promise.commands) == 2
    for told in (markdown.render(sample), terminal_text(sample)):
        assert "Redis is down again, told nothing" in " ".join(told.split())
        assert "--only CHAOS-001" in told
        assert told.count(f"{broken.id} MUST") == 1


def test_a_gate_is_told_case_by_case() -> None:
    assert what_broke.promises_broken(samples.every_verdict()) == []
