"""junit.xml: valid, complete, and never green when the run is not."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from queueproof.reporting import junit
from queueproof.reporting.model import RunResult
from queueproof.verdicts import ExitCode

from . import samples
from .test_golden import SAMPLES

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)


def parsed(result: RunResult) -> ET.Element:
    """The document's root."""
    return ET.fromstring(junit.render(result))


@each_sample
def test_every_document_is_valid_against_the_schema(sample: Callable[[], RunResult]) -> None:
    """The elements and attributes that Jenkins' xUnit plugin accepts, and no others."""
    xmlschema = pytest.importorskip("xmlschema")
    schema = xmlschema.XMLSchema(Path(__file__).parent / "junit.xsd")
    schema.validate(parsed(sample()))


@each_sample
def test_the_declared_numbers_are_the_real_ones(sample: Callable[[], RunResult]) -> None:
    """CI systems show the attributes, so they have to agree with the elements."""
    root = parsed(sample())
    assert int(root.attrib["tests"]) == len(root.findall(".//testcase"))
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
        for attribute, tag in (
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(suite.attrib[attribute]) == len(suite.findall(f"testcase/{tag}"))


@each_sample
def test_a_run_that_does_not_exit_with_0_is_not_green(sample: Callable[[], RunResult]) -> None:
    """An interrupted run without a red case gets a red test of its own."""
    result, root = sample(), parsed(sample())
    red = root.findall(".//failure") + root.findall(".//error")
    assert bool(red) == (result.exit_code is not ExitCode.PASSED)


@each_sample
def test_no_two_tests_share_class_and_name(sample: Callable[[], RunResult]) -> None:
    """GitLab merges tests of one class and name into one."""
    tests = parsed(sample()).findall(".//testcase")
    names = Counter((test.attrib["classname"], test.attrib["name"]) for test in tests)
    assert set(names.values()) == {1}


def test_each_verdict_has_its_element() -> None:
    """A violation is a failure, our fault and a doubt are errors, the unasked is skipped."""
    outcomes = {
        (test.attrib["classname"], outcome.tag, outcome.attrib["type"])
        for test in parsed(samples.every_verdict()).findall(".//testcase")
        for outcome in test
    }
    assert outcomes == {
        ("polling.POLL-003", "failure", "failed"),
        ("polling.POLL-007", "error", "inconclusive"),
        ("cancel.CANCEL-002", "error", "error"),
        ("cancel.CANCEL-004", "skipped", "not_assessed"),
        ("ttl.TTL-001", "skipped", "not_assessed"),
        ("ttl.TTL-002", "skipped", "not_assessed"),
    }


def test_a_suite_tells_level_and_source_of_its_requirements() -> None:
    """A requirement without a case is among them."""
    suite = parsed(samples.every_verdict()).find("testsuite[@name='ttl']")
    assert suite is not None
    told = {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}
    assert (told["TTL-001.level"], told["TTL-002.level"]) == ("SHOULD", "MUST")
    assert told["TTL-001.source"].startswith("Langflow 1.10")


def test_a_failure_is_told_whole_in_its_text() -> None:
    """Some CI systems show the text alone: expected, actual, trace and reproduction are in it."""
    failure = parsed(samples.every_verdict()).find(".//failure")
    assert failure is not None
    for label in ("POLL-003 MUST", "expected  ticks", "actual    21", "trace  ", "reproduce queue"):
        assert label in (failure.text or "")
