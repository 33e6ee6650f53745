"""The generator on a target that gets things wrong: what it counts, and when it stops."""

from __future__ import annotations

from pathlib import Path

import gevent

from queueproof.checkers.jobs import Deviation
from queueproof.load.gates import gate_from
from queueproof.load.judging import judge
from queueproof.load.run_spec import Limits
from queueproof.load.schedule import Stretch
from queueproof.verdicts import Verdict
from tests.load.fake_target import FakeTarget, served
from tests.load.sample import generated, profile, spec


def test_a_sound_target_passes(tmp_path: Path) -> None:
    """Every job is offered, ended and found whole."""
    with served(FakeTarget()) as target:
        seen = generated(spec(target.url, tmp_path))

    judgement = judge(profile(gates=(gate_from("errors", 0.0, where="test"),)), seen)
    assert (judgement.verdict, seen.jobs, seen.findings) == (Verdict.PASSED, 40, ())
    assert seen.records.counts["ended"] == target.submits == 40


def test_jobs_with_wrong_events_fail_the_run_however_fast_it_was(tmp_path: Path) -> None:
    """Four jobs of forty: an event lost, repeated, misplaced, invented; and no error at all."""
    wrong = {
        5: ([0, 2], Deviation.LOST),
        15: ([0, 1, 1, 2], Deviation.DUPLICATED),
        25: ([0, 2, 1], Deviation.REORDERED),
        35: ([0, 1, 2, 3], Deviation.NEVER_EMITTED),
    }
    with served(FakeTarget(ticks=lambda n: wrong[n][0] if n in wrong else [0, 1, 2])) as target:
        seen = generated(spec(target.url, tmp_path))

    judgement = judge(profile(gates=(gate_from("submit.p99_ms", 2000, where="test"),)), seen)
    found = {finding.job: finding.deviation for finding in seen.findings}
    assert found == {f"job-{number}": deviation for number, (_, deviation) in wrong.items()}
    assert seen.records.counts["failed"] == 0
    assert judgement.verdict is Verdict.FAILED
    assert judgement.gates[0].verdict is not Verdict.FAILED


def test_a_stream_that_ends_without_a_word_is_a_failed_request(tmp_path: Path) -> None:
    """The transport was fine; the answer was not."""
    with served(FakeTarget(end="")) as target:
        seen = generated(spec(target.url, tmp_path))

    assert seen.records.counts["failed"] == 40
    assert {finding.deviation for finding in seen.findings} == {Deviation.NEVER_ENDED}


def test_an_answer_with_status_200_and_no_job_is_a_failed_request(tmp_path: Path) -> None:
    """Nothing was accepted, so nothing was proven either."""
    with served(FakeTarget(refuses_submits=True)) as target:
        seen = generated(spec(target.url, tmp_path))

    judgement = judge(profile(gates=(gate_from("errors", 0.0, where="test"),)), seen)
    assert seen.records.counts["failed"] == 40
    assert judgement.verdict is Verdict.FAILED


def test_a_run_is_stopped_when_too_much_of_it_fails(tmp_path: Path) -> None:
    """A target in trouble is left alone, and the run does not pass."""
    with served(FakeTarget(refuses_submits=True)) as target:
        limits = Limits(error_ratio=0.2, errors_after=10)
        seen = generated(spec(target.url, tmp_path, limits=limits))

    assert target.submits < 20
    assert "of the requests failed" in seen.records.stopped
    assert judge(profile(), seen).verdict is Verdict.INCONCLUSIVE


def test_a_run_is_stopped_when_it_makes_more_requests_than_allowed(tmp_path: Path) -> None:
    """Whatever the schedule says: forty jobs a second are eighty requests."""
    with served(FakeTarget()) as target:
        stretch = Stretch(name="all", lasts_s=4.0, rate=40.0, to=40.0)
        limits = Limits(requests_per_s=30)
        seen = generated(spec(target.url, tmp_path, limits=limits, stretches=(stretch,)))

    assert target.submits < 120
    assert "requests a second" in seen.records.stopped


def test_a_run_that_locust_is_told_to_stop_does_not_pass(tmp_path: Path) -> None:
    """Whatever it had measured by then."""
    with served(FakeTarget()) as target:
        stretch = Stretch(name="all", lasts_s=20.0, rate=40.0, to=40.0)

        def stop_soon(_: object) -> None:
            playing = gevent.getcurrent()
            gevent.spawn_later(0.8, playing.kill, block=False)

        made = spec(target.url, tmp_path, stretches=(stretch,))
        seen = generated(made, act=stop_soon)

    assert seen.records.stopped == "stopped from outside"
    assert judge(profile(), seen).verdict is Verdict.INCONCLUSIVE


def test_a_target_that_nobody_listens_at_is_counted_as_refusing(tmp_path: Path) -> None:
    """A refused connection is a failed request that surely did nothing."""
    with served(FakeTarget()) as target:
        url = target.url
    seen = generated(spec(url, tmp_path))

    assert seen.records.counts["failed"] == 40
    assert all("no connection" in words for _, words in seen.records.failures)
