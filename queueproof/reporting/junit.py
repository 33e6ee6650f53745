"""junit.xml: what CI systems read; valid against the schema of Jenkins' xUnit plugin (junit-10).

A suite is an area, a test is a case. How a verdict is told:

- failed: `failure`, the target broke its promise;
- error: `error`, the fault is ours;
- inconclusive: `error` of type `inconclusive`. JUnit knows no doubt; `skipped` would be shown as
  harmless although the process exits with 3, so it has to be a kind that no CI shows as success;
- not assessed: `skipped` with its reason; a requirement of which that is true of one case and not
  of another, *passed in part*, is named by the property `<ID>.in_part` of its suite;
- a failure that the baseline accepts: `skipped` too, since it must not turn the job red; an entry
  of the baseline that is out of date is a `failure` in a suite of its own.

Some CI systems show only a failure's text, others only its message, so the text repeats the
message. Two tests with one name in one class would be merged, hence a repeated title gets its
case ID appended. The schema allows properties on suites alone: a suite lists every requirement
with its level and source, and a test carries its level as `group`, its requirement in
`classname`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from queueproof.reporting import digest
from queueproof.reporting.model import Acceptance, CaseResult, RequirementResult, RunResult
from queueproof.reporting.text import shown, shown_in_line
from queueproof.verdicts import ExitCode, Verdict

_TEXT_LIMIT = 20_000
_LINE_LIMIT = 500


@dataclass(frozen=True, kw_only=True)
class _Test:
    """One `testcase` element: texts are made safe when it is written."""

    classname: str
    name: str
    verdict: Verdict
    case: str = ""
    level: str = ""
    duration_s: float = 0.0
    message: str = ""
    text: str = ""


def render(result: RunResult) -> str:
    """The XML document. It holds a failure or an error whenever the exit code is not 0."""
    suites = [_area_suite(result, area, rows) for area, rows in digest.by_area(result).items()]
    if outdated := [entry for entry in result.baseline or () if entry.fails_the_run]:
        suites.append(_suite(result, "baseline", [_outdated_test(entry) for entry in outdated]))
    if entries := digest.entries(result):
        suites.append(_suite(result, result.kind, [_entry_test(result, each) for each in entries]))
    if result.exit_code is not ExitCode.PASSED and not any(map(_is_red, suites)):
        suites.append(_suite(result, "run", [_run_test(result)]))
    root = ET.Element("testsuites", {"name": f"queueproof {shown_in_line(result.kind)}"})
    root.extend(suites)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.attrib[name]) for suite in suites)))
    root.set("time", f"{result.run.duration_s:.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _is_red(suite: ET.Element) -> bool:
    return suite.attrib["failures"] != "0" or suite.attrib["errors"] != "0"


def _area_suite(result: RunResult, area: str, rows: list[RequirementResult]) -> ET.Element:
    properties = [(f"{row.id}.level", row.level) for row in rows]
    properties += [(f"{row.id}.source", row.source) for row in rows]
    properties += [
        (f"{row.id}.in_part", digest.reason_of(row))
        for row in rows
        if row.verdict is Verdict.PASSED_IN_PART
    ]
    tests = [_excused(result, row, test) for row in rows for test in _tests(row)]
    return _suite(result, area, tests, properties)


def _suite(
    result: RunResult, name: str, tests: list[_Test], properties: Iterable[tuple[str, str]] = ()
) -> ET.Element:
    tally = Counter(test.verdict for test in tests)
    suite = ET.Element(
        "testsuite",
        {
            "name": shown_in_line(name, limit=_LINE_LIMIT),
            "tests": str(len(tests)),
            "failures": str(tally[Verdict.FAILED]),
            "errors": str(tally[Verdict.ERROR] + tally[Verdict.INCONCLUSIVE]),
            "skipped": str(tally[Verdict.NOT_ASSESSED]),
            "time": f"{sum(test.duration_s for test in tests):.3f}",
            "timestamp": shown_in_line(result.run.started_at),
        },
    )
    _add_properties(suite, [*_run_properties(result), *properties])
    for test in tests:
        _add_test(suite, test)
    return suite


def _run_properties(result: RunResult) -> list[tuple[str, str]]:
    return [
        ("run", result.run.id),
        ("seed", str(result.run.seed)),
        ("tool_version", result.run.tool_version),
        ("contract", result.target.contract),
        ("target", " ".join(result.target.urls)),
        ("target_version", result.target.version or "unknown"),
    ]


def _add_properties(suite: ET.Element, properties: Iterable[tuple[str, str]]) -> None:
    parent = ET.SubElement(suite, "properties")
    for name, value in properties:
        attributes = {"name": shown_in_line(name), "value": shown_in_line(value, limit=_LINE_LIMIT)}
        ET.SubElement(parent, "property", attributes)


def _tests(row: RequirementResult) -> Iterator[_Test]:
    """The row's cases; a row without any is still shown, as a skipped test."""
    classname = f"{row.area}.{row.id}"
    if not row.cases:
        yield _Test(
            classname=classname,
            name=row.sentence,
            verdict=row.verdict,
            level=row.level,
            message=digest.reason_of(row),
        )
    titles = Counter(case.title for case in row.cases)
    for case in row.cases:
        yield _Test(
            classname=classname,
            name=case.title if titles[case.title] == 1 else f"{case.title} [{case.id}]",
            verdict=case.verdict,
            case=case.id,
            level=row.level,
            duration_s=case.duration_s,
            message=case.actual if case.verdict is Verdict.FAILED else case.reason,
            text=_account(row, case),
        )


def _excused(result: RunResult, row: RequirementResult, test: _Test) -> _Test:
    """The test, or a skipped one in its place where the baseline accepts the failure."""
    case = next((each for each in row.cases if each.id == test.case), None)
    entry = result.acceptance_of(case) if case is not None else None
    if entry is None:
        return test
    message = f"known and accepted: {entry.words} {entry.link}".strip()
    return replace(test, verdict=Verdict.NOT_ASSESSED, message=message)


def _outdated_test(entry: Acceptance) -> _Test:
    return _Test(
        classname=f"baseline.{entry.id}",
        name=f"the baseline's entry for {entry.id} is up to date",
        verdict=Verdict.FAILED,
        message=f"{entry.standing.value}: {entry.note}",
    )


def _account(row: RequirementResult, case: CaseResult) -> str:
    """The printed failure of a case, whole."""
    told = {
        "expected": case.expected,
        "actual": case.actual,
        "reason": case.reason,
        "source": row.source,
        "history": "\n".join(case.history_refs),
        "trace": "\n".join(case.trace),
        "reproduce": case.reproduce,
    }
    lines = [f"{row.id} {row.level}  {row.sentence}"]
    lines += [f"  {label:<9} {_indented(text)}" for label, text in told.items() if text]
    return "\n".join(lines)


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + " " * 12)


def _entry_test(result: RunResult, entry: dict[str, Any]) -> _Test:
    details = [f"{key}: {value}" for key, value in entry.items() if key not in ("id", "verdict")]
    return _Test(
        classname=f"{result.kind}.{entry.get('id')}",
        name=str(entry.get("id")),
        verdict=digest.entry_verdict(entry),
        message=str(entry.get("reason", "")),
        text="\n".join(details),
    )


def _run_test(result: RunResult) -> _Test:
    """Stands for a run that must not look green although none of its cases is red."""
    return _Test(
        classname="run.verdict",
        name="the run as a whole",
        verdict=result.verdict if result.verdict is Verdict.FAILED else Verdict.ERROR,
        message=result.run.interrupted or digest.headline(result),
        text=f"verdict {result.verdict.words}, exit code {int(result.exit_code)}",
    )


def _add_test(suite: ET.Element, test: _Test) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": shown_in_line(test.classname, limit=_LINE_LIMIT),
            "name": shown_in_line(test.name, limit=_LINE_LIMIT),
            "time": f"{test.duration_s:.3f}",
        },
    )
    if test.level:
        element.set("group", shown_in_line(test.level))
    if test.verdict is not Verdict.PASSED:
        _add_outcome(element, test)


def _add_outcome(element: ET.Element, test: _Test) -> None:
    tag = {Verdict.FAILED: "failure", Verdict.NOT_ASSESSED: "skipped"}.get(test.verdict, "error")
    message = shown_in_line(test.message or test.verdict.words, limit=_LINE_LIMIT)
    outcome = ET.SubElement(element, tag, {"type": test.verdict.value, "message": message})
    outcome.text = shown(f"{message}\n\n{test.text}" if test.text else message, limit=_TEXT_LIMIT)
