"""How much a run tells, where, and what it says of the time that is left."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import pytest
from rich.console import Console

from queueproof.chaos.progress import PlainChaos, standing_of
from queueproof.reporting.model import CaseResult
from queueproof.reporting.run_folders import durations_in, newest_report
from queueproof.running.live import PlainProgress, live_progress
from queueproof.running.progress import NullProgress
from queueproof.running.remaining import WORK_S, Remaining, about
from queueproof.running.result_output import tell
from queueproof.running.screen import Screen, Telling, Verbosity
from queueproof.running.ticking import ticking
from queueproof.verdicts import Verdict

from ..reporting import samples


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def ended(case_id: str, verdict: Verdict = Verdict.PASSED) -> CaseResult:
    return samples.case("POLL-003", verdict, id=case_id, duration_s=1.5)


def test_the_time_left_is_that_of_the_longest_or_of_the_work() -> None:
    """One long wait: no less than it; much work: as many at a time as so far."""
    clock = Clock()
    left = Remaining({"known": 50.0}, clock)
    for name, wait_s in (("known", 0.0), ("waits", 30.0), ("short", 0.0)):
        left.planned(name, wait_s)
    assert left.left_s() is None
    left.started("known")
    left.started("short")
    clock.now_s += WORK_S
    left.finished("short")

    assert left.done == 1
    assert left.total == 3
    assert left.left_s() == pytest.approx(47.0)
    assert left.words() == "1 of 3 cases, 1 running, 1 waiting, about 47 s left"
    clock.now_s += 60.0
    assert left.left_s() == pytest.approx(30.0 + WORK_S)
    assert about(600.0) == "10 min"


def test_a_case_that_wants_another_look_waits_until_then() -> None:
    """It is neither done nor running, and what it has worked counts."""
    clock = Clock()
    left = Remaining({"doubted": 10.0}, clock)
    left.planned("doubted", 0.0)
    left.started("doubted")
    clock.now_s += 8.0

    left.postponed("doubted")

    assert (left.done, left.running) == (0, {})
    assert left.words() == "0 of 1 cases, about 10 s left"
    left.started("doubted")
    left.finished("doubted")
    assert left.words() == "1 of 1 cases"


def test_a_run_of_nothing_says_nothing_of_time() -> None:
    assert Remaining({}).words() == ""


def test_a_log_gets_a_line_every_so_often() -> None:
    """How far the run is, and what has been running longest."""
    sink = io.StringIO()
    left = Remaining({})
    plain = PlainProgress(Console(file=sink, width=200), left)
    plain.stand()
    assert sink.getvalue() == ""
    plain.planned("suites/x.py::test_a_poll_waits", "POLL-003", 20.0)
    plain.started("suites/x.py::test_a_poll_waits")

    with ticking(plain.stand, every_s=0.01):
        deadline = time.monotonic() + 10.0
        while sink.getvalue().count("\n") < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    told = sink.getvalue()

    assert told.count("0 of 1 cases, 1 running, 0 waiting, about 23 s left") >= 2
    assert "longest: a poll waits, 0 s" in told
    time.sleep(0.05)
    assert sink.getvalue() == told


def test_only_a_verbose_run_tells_what_passed() -> None:
    def told(*, verbose: bool) -> str:
        sink = io.StringIO()
        plain = PlainProgress(Console(file=sink, width=200), verbose=verbose)
        plain.finished(ended("one"))
        plain.finished(ended("two", Verdict.FAILED))
        return sink.getvalue()

    assert "passed POLL-003" in told(verbose=True)
    assert "1.5 s" in told(verbose=True)
    assert "passed POLL-003" not in told(verbose=False)
    assert "failed POLL-003" in told(verbose=False)


def test_a_quiet_run_tells_nothing_meanwhile() -> None:
    with live_progress(Screen(Telling(verbosity=Verbosity.QUIET))) as progress:
        assert isinstance(progress, NullProgress)


def test_a_chaos_run_says_how_far_it_is() -> None:
    sink = io.StringIO()
    plain = PlainChaos(Console(file=sink, width=200), total=4)
    plain.stand()

    assert "0 of 4 scenarios" in sink.getvalue()
    assert standing_of(1, 4, 20.0) == "1 of 4 scenarios, about 60 s left"
    assert standing_of(4, 4, 20.0) == "4 of 4 scenarios"


def test_json_is_all_that_standard_output_gets(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What people read goes to standard error."""
    result = samples.every_verdict()

    tell(result, tmp_path, Screen(Telling(as_json=True, durations=2)))

    told = capsys.readouterr()
    assert json.loads(told.out)["summary"]["exit_code"] == result.exit_code
    assert "report.html" in "".join(told.err.split())
    assert "slowest 2 of" in told.err


def test_a_quiet_end_is_the_verdict_and_the_report(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    result = samples.every_verdict()

    tell(result, tmp_path, Screen(Telling(verbosity=Verbosity.QUIET)))

    told = capsys.readouterr().out
    assert told.startswith(result.verdict.words)
    assert "POLL-003" not in told
    assert "requirements: 1 passed, 1 passed in part" in " ".join(told.split())
    assert "report.html" in "".join(told.split())


def test_the_newest_report_of_a_kind_is_found(tmp_path: Path) -> None:
    """What is no report is passed over; how long its cases took is known by their ids."""
    assert newest_report(tmp_path) is None
    for number, (name, text) in enumerate(
        [
            ("a", '{"kind": "gate", "target": {"contract": "x"}}'),
            ("b", '{"kind": "load", "target": {"contract": "x"}}'),
            ("c", "{"),
        ]
    ):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "report.json"
        path.write_text(text, "utf-8")
        os.utime(path, (number, number))

    found = newest_report(tmp_path, kind="gate", contract="x")
    assert found == tmp_path / "a" / "report.json"
    assert newest_report(tmp_path) == tmp_path / "b" / "report.json"
    assert newest_report(tmp_path, contract="y") is None
    assert durations_in(found) == {}
