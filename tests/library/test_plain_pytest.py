"""`pytest suites --target URL` is as honest as the gate, in pytest's own way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import HarnessError, QueueproofError, TargetUnreachable, UsageError
from queueproof.reporting.model import CaseResult
from queueproof.running import plain_pytest
from queueproof.running.marks import requirement
from queueproof.running.plain_pytest import PlainRun
from queueproof.running.plugin import ConformanceRun
from queueproof.verdicts import Verdict

ROOT = Path(__file__).resolve().parents[2]


def played(*arguments: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "pytest", "-o", "addopts=", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://127.0.0.1:9", "refuses connections"),
        ("ftp://127.0.0.1", "is no http or https URL"),
    ],
)
def test_a_target_that_is_not_there_is_an_error(target: str, said: str) -> None:
    done = played("suites/health", "--target", target)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_case_of_no_requirement_is_a_usage_error(tmp_path: Path) -> None:
    case = tmp_path / "test_mine.py"
    case.write_text(
        "from queueproof.case import requirement\n\n"
        '@requirement("MINE-001")\nasync def test_mine(target): ...\n'
    )
    done = played(str(case), "-p", "conftest", "--target", "http://127.0.0.1:9")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert "no requirement MINE-001 is registered" in done.stderr
    assert "INTERNALERROR" not in done.stdout + done.stderr


class Hooks:
    """What pytest is told of an item."""

    def __init__(self) -> None:
        self.reports: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)

    def __getattr__(self, name: str) -> Any:
        return lambda **_: None


def case(verdict: Verdict, **told: Any) -> CaseResult:
    return CaseResult(
        id="case",
        requirement="POLL-003",
        title="Title.",
        verdict=verdict,
        duration_s=1.0,
        alone=False,
        **told,
    )


def end(
    monkeypatch: pytest.MonkeyPatch, *results: CaseResult, error: QueueproofError | None = None
) -> tuple[Hooks, PlainRun, Any]:
    """A run of one item that came to these results: what pytest is told, and a session."""
    run = PlainRun(RunConfig(target=TargetConfig(urls=("http://127.0.0.1:9",)), embedded=False))
    run._collector.results.extend(results)
    run.end.error = error
    monkeypatch.setattr(ConformanceRun, "pytest_runtestloop", lambda *_: True)
    hooks = Hooks()
    item = SimpleNamespace(
        nodeid="case",
        location=("suites/x.py", 3, "test"),
        keywords={},
        ihook=hooks,
        function=requirement("POLL-003")(lambda: None),
    )
    session = SimpleNamespace(
        items=[item],
        config=SimpleNamespace(option=SimpleNamespace(collectonly=False)),
        Failed=pytest.Session.Failed,
        Interrupted=pytest.Session.Interrupted,
        shouldfail=False,
    )
    return hooks, run, session


@pytest.mark.parametrize(
    ("result", "outcome", "text"),
    [
        (case(Verdict.PASSED), "passed", ""),
        (case(Verdict.FAILED, expected="this", actual="that"), "failed", "actual    that"),
        (case(Verdict.INCONCLUSIVE, reason="a late reader"), "failed", "inconclusive"),
        (case(Verdict.ERROR, reason="own error"), "failed", "own error"),
    ],
)
def test_a_case_is_reported_with_its_text(
    monkeypatch: pytest.MonkeyPatch, result: CaseResult, outcome: str, text: str
) -> None:
    hooks, run, session = end(monkeypatch, result)

    run.pytest_runtestloop(session)

    assert [report.when for report in hooks.reports] == ["setup", "call", "teardown"]
    assert hooks.reports[1].outcome == outcome
    assert text in str(hooks.reports[1].longrepr or "")


def test_what_was_not_assessed_is_skipped_and_alone_no_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hooks, run, session = end(monkeypatch, case(Verdict.NOT_ASSESSED, reason="needs a token"))

    with pytest.raises(pytest.Session.Failed):
        run.pytest_runtestloop(session)

    assert hooks.reports[1].outcome == "skipped"
    assert "needs a token" in str(hooks.reports[1].longrepr)
    assert "nothing could be assessed" in str(session.shouldfail)


@pytest.mark.parametrize("error", [UsageError("wrong"), TargetUnreachable("gone")])
def test_a_run_that_ended_early_is_an_error_though_what_it_saw_passed(
    monkeypatch: pytest.MonkeyPatch, error: QueueproofError
) -> None:
    _, run, session = end(monkeypatch, case(Verdict.PASSED), error=error)

    with pytest.raises(pytest.UsageError, match=str(error)):
        run.pytest_runtestloop(session)


def test_an_own_error_is_an_internal_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _, run, session = end(monkeypatch, case(Verdict.PASSED), error=HarnessError("ours"))

    with pytest.raises(pytest.exit.Exception, match="ours") as caught:
        run.pytest_runtestloop(session)

    assert caught.value.returncode == pytest.ExitCode.INTERNAL_ERROR


def test_no_case_is_told_twice() -> None:
    reports = plain_pytest._Reports()
    hooks = Hooks()
    item: Any = SimpleNamespace(nodeid="case", location=("x", 1, "t"), keywords={}, ihook=hooks)
    reports.items = {"case": item}

    reports.finished(case(Verdict.PASSED))
    reports.finished(case(Verdict.PASSED))

    assert len(hooks.reports) == 3
