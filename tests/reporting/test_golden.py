"""Every writer over every sample: all verdicts, all kinds, hostile strings, an interrupted run."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from queueproof.reporting import html, json_report, junit, markdown, terminal
from queueproof.reporting.model import RunResult

from . import outage_samples, samples
from .golden import assert_golden

SAMPLES = (
    samples.every_verdict,
    samples.passing,
    samples.hostile,
    outage_samples.chaos,
    outage_samples.outages,
    samples.load,
    samples.with_baseline,
    samples.variants,
    samples.cut_short,
)


def page_without_assets(result: RunResult) -> str:
    """The page, less the style and the script that are files of their own."""
    page = re.sub(r"(<(style|script)>).*?(</\2>)", r"\1…\3", html.render(result), flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/=]+", "sha256-…", page)


def terminal_text(result: RunResult) -> str:
    """What an 80-column console that is no terminal shows."""
    stream = io.StringIO()
    console = Console(file=stream, width=80)
    console.print(terminal.render(result, report=Path("reports/out/sample/report.html")))
    return stream.getvalue()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)
@pytest.mark.parametrize(
    ("name", "render"),
    [
        ("report.json", json_report.render),
        ("junit.xml", junit.render),
        ("summary.md", markdown.render),
        ("report.html", page_without_assets),
        ("terminal.txt", terminal_text),
    ],
)
def test_a_writer_writes_what_was_last_looked_at(
    sample: Callable[[], RunResult], name: str, render: Callable[[RunResult], str]
) -> None:
    """A change of any format shows in its golden file."""
    assert_golden(f"{sample.__name__}/{name}", render(sample()))
