"""Badges, annotations and the job summary: harmless, bounded, and right about the verdict."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from queueproof.errors import UsageError
from queueproof.reporting import badge, github
from queueproof.verdicts import Verdict

from . import samples
from .test_golden import SAMPLES


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)
def test_a_badge_is_well_formed_and_names_the_verdict(sample: object) -> None:
    """As SVG and as the document that shields.io reads."""
    result = sample()  # type: ignore[operator]
    root = ET.fromstring(badge.render_svg(result))
    assert result.verdict.words in (root.attrib["aria-label"])
    document = json.loads(badge.render_json(result))
    assert document["schemaVersion"] == 1
    assert document["isError"] == (result.verdict in (Verdict.FAILED, Verdict.ERROR))


def test_annotations_are_one_line_each_and_cannot_be_forged() -> None:
    """A target's line break or `::` does not begin a workflow command of its own."""
    for line in github.workflow_commands(samples.hostile()):
        assert line.startswith(("::error title=", "::warning title=", "::notice title="))
        assert "\n" not in line
        assert "\r" not in line


def test_at_most_ten_annotations_of_a_kind_and_the_last_counts_the_rest() -> None:
    """GitHub drops what is more than ten."""
    rows = [samples.row(f"A-{n}", samples.case(f"A-{n}", Verdict.FAILED)) for n in range(25)]
    lines = github.workflow_commands(samples.result(*rows))
    assert len(lines) == 10
    assert "16 more" in lines[-1]


def test_an_accepted_failure_is_a_notice_and_an_outdated_entry_an_error() -> None:
    """What fails the job is what is red in its log."""
    lines = github.workflow_commands(samples.with_baseline())
    errors = [line for line in lines if line.startswith("::error")]
    assert [("POLL-001" in e, "TTL-009" in e) for e in errors] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert next(line for line in lines if "POLL-003" in line).startswith("::notice")


def test_the_summary_is_appended_where_the_environment_says(tmp_path: Path) -> None:
    """Other steps' summaries stay; without the variable nothing is written."""
    path = tmp_path / "summary.md"
    path.write_text("before\n", encoding="utf-8")
    github.append_summary(samples.hostile(), {"GITHUB_STEP_SUMMARY": str(path)})
    github.append_summary(samples.passing(), {})
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n# ✗ Failed")
    assert text.count("\n# ✗ Failed") == 1


def test_a_summary_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    """Not a silent loss."""
    with pytest.raises(UsageError, match="GITHUB_STEP_SUMMARY"):
        github.append_summary(samples.passing(), {"GITHUB_STEP_SUMMARY": str(tmp_path)})
