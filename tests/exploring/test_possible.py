"""Schedules are made of what a target has words for."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.config.model import Timings
from queueproof.config.promises import Promises
from queueproof.errors import NotAssessed, UsageError
from queueproof.exploring.machine import Scope, write_schedules
from queueproof.exploring.possible import expressible, lacking, possible
from queueproof.exploring.steps import Kind, Step
from queueproof.probe import Probe
from queueproof.targets.system import System


class Speechless:
    """A target whose jobs can only tick."""

    def __init__(self, *operations: str, knows_failures: bool = False) -> None:
        self.adapter = SimpleNamespace(operations=frozenset(operations))
        self.promises: Promises | None = Promises()
        self.timings = Timings()
        self.cancelled: list[str] = []
        self._knows_failures = knows_failures

    async def try_submit(self, probe: Probe) -> tuple[Any, None]:
        """Take a job, unless it is to fail."""
        if probe.fail_at is not None and not self._knows_failures:
            raise NotAssessed("no word for {fail_at}")
        return SimpleNamespace(id="a"), None

    async def cancel(self, job: Any) -> None:
        """Remember it."""
        self.cancelled.append(job.id)

    @property
    def system(self) -> System:
        """As the explorer takes it."""
        return cast(System, self)


def test_shapes_that_cannot_be_expressed_are_left_out_and_no_job_is_left_running() -> None:
    target = Speechless("poll", "steps")

    found = asyncio.run(expressible(target.system, ("quick", "failing", "long")))

    assert found == ("quick", "long")
    assert target.cancelled == ["a", "a"]


def test_a_target_that_takes_no_shape_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="no word for"):
        asyncio.run(expressible(Speechless("poll", "steps").system, ("failing",)))


def test_steps_without_a_request_are_left_out_of_every_schedule() -> None:
    without = lacking(Speechless("poll", "steps").system)
    scope = Scope(workers="ab", shapes=("quick", "long"), other=True, without=without)

    written = write_schedules(scope, seed=1, number=20)

    assert without == {"stream", "cancel", "monitor"}
    kinds = {step.kind for schedule in written for step in schedule}
    assert not kinds & {Kind.STREAM, Kind.READ_OUT, Kind.DROP, Kind.CANCEL}
    assert {Kind.SUBMIT, Kind.POLL} <= kinds


def test_nobody_intrudes_by_a_request_that_is_not_there() -> None:
    steps = [Step(Kind.INTRUDE, job=1, via="a", what=what) for what in ("poll", "cancel")]

    assert [step.what for step in possible(steps, frozenset({"cancel"}))] == ["poll"]


def test_a_mapping_that_tells_states_alone_is_refused() -> None:
    with pytest.raises(UsageError, match="tells states alone"):
        lacking(Speechless("status", "cancel").system)


def test_a_contract_with_a_document_has_cancels_without_naming_them() -> None:
    target = Speechless("poll", "stream", "steps", "monitor")
    target.promises = None

    assert lacking(target.system) == frozenset()
