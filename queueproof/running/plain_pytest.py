"""The conformance run under pytest's own command line: one test report a case, an honest exit code.

`queueproof gate` silences pytest and writes its own report. `pytest suites --target URL` has no
report but pytest's: a case that failed, or could not be settled, is a failed test with its text;
one that could not be asked is skipped with the reason. Tests that are no cases run before them, as
pytest runs tests. Exit codes are pytest's: 0 all that was judged holds, 1 something does not or
nothing could be judged, 2 interrupted, 3 our own error, 4 a target that cannot be reached or a
mistake in what was given.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr

from queueproof import paths
from queueproof.config.model import RunConfig
from queueproof.errors import QueueproofError, TargetUnreachable, UsageError
from queueproof.reporting.model import CaseResult
from queueproof.reporting.text import shown, shown_in_line
from queueproof.running.collected import is_case
from queueproof.running.plugin import ConformanceRun
from queueproof.running.progress import NullProgress
from queueproof.verdicts import Verdict

_JUDGED = (Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.ERROR)


class PlainRun(ConformanceRun):
    """A conformance run whose results are pytest's test reports."""

    def __init__(self, config: RunConfig) -> None:
        self._reports = _Reports()
        super().__init__(config, self._reports)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the chosen cases and, from other folders than ours, the tests that are no cases."""
        suites = paths.folder("suites")
        ours = [item for item in items if item.path.is_relative_to(suites) or is_case(item)]
        others = [item for item in items if item not in ours]
        try:
            super().pytest_collection_modifyitems(ours)
        except QueueproofError as error:
            raise pytest.UsageError(str(error)) from None
        items[:] = [*others, *ours]

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Pytest tells it in its own way."""
        super().pytest_internalerror(excinfo)
        return False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything, then end as pytest documents."""
        if session.config.option.collectonly:
            return True
        others = [item for item in session.items if not is_case(item)]
        session.items = [item for item in session.items if is_case(item)]
        _play_tests(session, others)
        if others and not session.items:
            return True
        self._reports.items = {item.nodeid: item for item in session.items}
        super().pytest_runtestloop(session)
        for result in self.results:
            self._reports.finished(result)
        if self.interrupted:
            raise session.Interrupted(self.interrupted)
        if isinstance(self.error, (UsageError, TargetUnreachable)):
            raise pytest.UsageError(shown_in_line(str(self.error)))
        if self.error is not None:
            pytest.exit(shown_in_line(str(self.error)), returncode=pytest.ExitCode.INTERNAL_ERROR)
        if self.results and not any(result.verdict in _JUDGED for result in self.results):
            session.shouldfail = "nothing could be assessed: see the reasons with -rs"
            raise session.Failed(session.shouldfail)
        return True


def _play_tests(session: pytest.Session, items: list[pytest.Item]) -> None:
    """As pytest's own loop does it."""
    for item, following in zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)


class _Reports(NullProgress):
    """Each finished case as the three reports that pytest expects of a test."""

    def __init__(self) -> None:
        self.items: dict[str, pytest.Item] = {}

    def finished(self, result: CaseResult) -> None:
        """Tell pytest once."""
        item = self.items.pop(result.id, None)
        if item is None:
            return
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for when in ("setup", "call", "teardown"):
            hook.pytest_runtest_logreport(report=_report(item, result, when))
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


class _CaseText(TerminalRepr):
    """What pytest shows below a failed test, and the line that its summary has."""

    def __init__(self, item: pytest.Item, result: CaseResult) -> None:
        path, line, _ = item.location
        message = shown_in_line(_headline(result))
        self.reprcrash = ReprFileLocation(path, (line or 0) + 1, message)
        self._text = shown(_text(result))

    def toterminal(self, tw: Any) -> None:
        """The text."""
        for line in self._text.splitlines():
            tw.line(line)

    def __str__(self) -> str:
        return self._text


def _report(item: pytest.Item, result: CaseResult, when: Any) -> pytest.TestReport:
    outcome: Any = "passed"
    told: Any = None
    if when == "call" and result.verdict is Verdict.NOT_ASSESSED:
        path, line, _ = item.location
        outcome, told = "skipped", (path, (line or 0) + 1, f"Skipped: {_headline(result)}")
    elif when == "call" and result.verdict is not Verdict.PASSED:
        outcome, told = "failed", _CaseText(item, result)
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords=dict.fromkeys(item.keywords, 1),
        outcome=outcome,
        longrepr=told,
        when=when,
        duration=result.duration_s if when == "call" else 0.0,
    )


def _headline(result: CaseResult) -> str:
    if result.actual:
        return f"{result.requirement} {result.verdict.words}: {result.actual}"
    return f"{result.requirement} {result.verdict.words}: {result.reason}"


def _text(result: CaseResult) -> str:
    lines = [f"{result.requirement} {result.verdict.words}  {result.title}"]
    lines += [
        f"  {name:<9} {value}"
        for name, value in (
            ("expected", result.expected),
            ("actual", result.actual),
            ("reason", result.reason),
        )
        if value
    ]
    lines += [f"  {'trace':<9} {line}" for line in result.trace]
    return "\n".join([*lines, *([f"  reproduce {result.reproduce}"] if result.reproduce else [])])
