"""The cases that ask whether jobs begin: they pass only on a target on which each did."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from queueproof import paths
from queueproof.case_helpers.plain_job import PlainStart, StartOutcome
from queueproof.errors import Inconclusive, Violation
from queueproof.history import Outcome
from queueproof.targets.protocol import CancelReply, SubmitReply
from queueproof.targets.worker import Worker

WORKERS = (Worker("a", "process-1"), Worker("b", "process-2"))
BEGUN, IDLE = StartOutcome.BEGUN, StartOutcome.NOT_BEGUN
REFUSED, UNKNOWN = StartOutcome.NOT_ACCEPTED, StartOutcome.UNKNOWN


def suite(path: str) -> ModuleType:
    """A module of the suites, which no package holds."""
    place: Path = paths.folder("suites") / path
    spec = importlib.util.spec_from_file_location(place.stem, place)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


class Target:
    """Of each look at its workers, in turn, the outcomes; and how it answers cancels."""

    def __init__(self, *looks: tuple[StartOutcome, ...]) -> None:
        self.workers = WORKERS
        self.timings = SimpleNamespace(recovery_s=15.0)
        self.looks = list(looks)
        self.accepts = SubmitReply(outcome=Outcome.OK, status=200, job_id="job")
        self.cancel_reply = CancelReply(outcome=Outcome.OK, status=200, claims_success=True)
        self.cancels = 0

    async def look(self, *_: Any, within_s: float) -> tuple[PlainStart, ...]:
        assert within_s == self.timings.recovery_s
        pairs = zip(self.workers, self.looks.pop(0), strict=True)
        return tuple(PlainStart(worker=worker, outcome=outcome) for worker, outcome in pairs)

    async def try_submit(self, *_: Any, **__: Any) -> tuple[Any, SubmitReply]:
        return (SimpleNamespace() if self.accepts.job_id else None), self.accepts

    async def cancel(self, *_: Any, **__: Any) -> CancelReply:
        self.cancels += 1
        return self.cancel_reply


def after_cancels(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Play CANC-022."""
    module = suite("cancel/test_cancelled_starts.py")
    monkeypatch.setattr(module, "start_plain_jobs", target.look)
    monkeypatch.setattr(module, "_DELAYS_S", (0.0, 0.0, 0.0))
    asyncio.run(module.test_builds_begin_after_others_were_cancelled_in_their_start(target))


def at_the_end(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Play SUBM-009."""
    module = suite("submitting/test_to_the_end.py")
    monkeypatch.setattr(module, "start_plain_jobs", target.look)
    asyncio.run(module.test_every_worker_begins_jobs_to_the_end_of_the_run(target, ()))


def test_builds_that_begin_before_and_after_the_cancels_are_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = Target((BEGUN, BEGUN), (BEGUN, BEGUN))

    after_cancels(target, monkeypatch)

    assert target.cancels == 6


@pytest.mark.parametrize("broken", [IDLE, REFUSED])
def test_cancels_behind_which_a_build_is_not_begun_or_not_accepted_broke_the_target(
    monkeypatch: pytest.MonkeyPatch, broken: StartOutcome
) -> None:
    target = Target((BEGUN, BEGUN), (UNKNOWN, broken))

    with pytest.raises(Violation, match=r"worker b it was .*; before it 6 builds were cancelled"):
        after_cancels(target, monkeypatch)


@pytest.mark.parametrize("before", [IDLE, REFUSED, UNKNOWN])
def test_what_did_not_begin_before_the_cancels_is_not_theirs(
    monkeypatch: pytest.MonkeyPatch, before: StartOutcome
) -> None:
    target = Target((BEGUN, before))

    with pytest.raises(Inconclusive, match="before any cancel: on worker b"):
        after_cancels(target, monkeypatch)
    assert target.cancels == 0


def test_a_build_of_which_it_is_not_known_settles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target((BEGUN, BEGUN), (BEGUN, UNKNOWN))

    with pytest.raises(Inconclusive, match="after 6 cancels: on worker b"):
        after_cancels(target, monkeypatch)


@pytest.mark.parametrize(
    ("reply", "cancels"),
    [
        (CancelReply(outcome=Outcome.FAILED, status=403), 6),
        (CancelReply(outcome=Outcome.OK, status=200, claims_success=False), 6),
        (CancelReply(outcome=Outcome.UNKNOWN), 2),
    ],
)
def test_a_target_that_takes_no_cancel_was_not_asked(
    monkeypatch: pytest.MonkeyPatch, reply: CancelReply, cancels: int
) -> None:
    """One that does not answer is not asked for more."""
    target = Target((BEGUN, BEGUN))
    target.cancel_reply = reply

    with pytest.raises(Inconclusive, match=r"no cancel .* was answered with success"):
        after_cancels(target, monkeypatch)
    assert target.cancels == cancels


def test_a_target_that_accepts_no_build_to_cancel_was_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = Target((BEGUN, BEGUN))
    target.accepts = SubmitReply(outcome=Outcome.FAILED, status=500)

    with pytest.raises(Inconclusive, match=r"no cancel .* was answered with success"):
        after_cancels(target, monkeypatch)


def test_a_target_whose_workers_begin_a_last_job_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    at_the_end(Target((BEGUN, BEGUN)), monkeypatch)


def test_one_worker_that_begins_none_at_the_end_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Violation, match=r"on worker b it was accepted and did not begin$"):
        at_the_end(Target((REFUSED, IDLE)), monkeypatch)


@pytest.mark.parametrize("last", [REFUSED, UNKNOWN])
def test_a_last_job_that_was_not_accepted_or_not_seen_settles_nothing(
    monkeypatch: pytest.MonkeyPatch, last: StartOutcome
) -> None:
    with pytest.raises(Inconclusive, match="on worker b"):
        at_the_end(Target((BEGUN, last)), monkeypatch)
