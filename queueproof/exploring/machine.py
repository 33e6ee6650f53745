"""The rule-based state machine that writes schedules; it touches nothing.

Each rule adds one step, or a few that belong together. Hypothesis chooses the rules (and, for
every schedule, which of them to leave out altogether), workers, shapes and how it all ends.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from queueproof.exploring import shapes
from queueproof.exploring.possible import possible
from queueproof.exploring.steps import Kind, Schedule, Step, playable

_MOST_JOBS = 3
_INTRUSIONS = ("poll", "stream", "cancel", "monitor")
_STRANGERS = ("poll", "stream", "cancel")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What schedules may be made of.

    workers    letters of the workers
    shapes     names of probe shapes
    abandon    clients may stay away until their jobs are reclaimed
    other      a second user is at hand
    monitor    the monitor may be read
    flush      the cache's index may be flushed
    disturb    workers may be killed and frozen
    without    which of poll, stream, cancel and monitor the target has no request for
    """

    workers: str
    shapes: tuple[str, ...]
    abandon: bool = False
    other: bool = False
    monitor: bool = False
    flush: bool = False
    disturb: bool = False
    without: frozenset[str] = frozenset()


def write_schedules(scope: Scope, *, seed: int, number: int, length: int = 6) -> list[Schedule]:
    """About `number` different schedules; the same ones for the same seed and scope.

    It takes a few milliseconds of processor time each, and no waiting.
    """
    if "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        # Nothing is kept between runs; what Hypothesis caches belongs in no folder of the user's.
        set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "queueproof-hypothesis")
    written: dict[Schedule, None] = {}
    # One class for all: Hypothesis remembers each for ever.
    _Scheduler.scope = scope
    _Scheduler.sink = staticmethod(lambda steps: written.setdefault(steps))
    run_state_machine_as_test(
        hypothesis.seed(seed)(_Scheduler),
        settings=settings(
            max_examples=number,
            stateful_step_count=length,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Hypothesis begins with the simplest; the order of play should mix.
    schedules = [schedule for schedule in written if schedule]
    random.Random(seed).shuffle(schedules)  # noqa: S311
    return schedules


def _of_scope(pick: Callable[[Scope], tuple[str, ...] | str]) -> st.SearchStrategy[str]:
    return st.runner().flatmap(lambda machine: st.sampled_from(pick(machine.scope)))


_VIA = _of_scope(lambda scope: scope.workers)
_SHAPE = _of_scope(lambda scope: scope.shapes)
_TURNS = st.lists(_VIA, min_size=1, max_size=3).map("".join)


class _Scheduler(RuleBasedStateMachine):
    """Writes one schedule."""

    scope: ClassVar[Scope]
    sink: ClassVar[Callable[[Schedule], object]]
    jobs: Bundle[int] = Bundle("jobs")
    streams: Bundle[int] = Bundle("streams")

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.shape_of: dict[int, str] = {}
        self.opened = 0
        self.left: set[int] = set()
        self.alone: set[int] = set()
        self.ending = 0
        self.disturbed = False
        self.abandoned = False

    def add(self, kind: Kind, *, job: int = 0, via: str = "", what: str = "") -> None:
        self.steps.append(Step(kind, job=job, via=via, what=what))

    def may(self, kind: Kind, able: bool, *, most: int = 1) -> bool:
        """Whether a kind of step is possible and not used up."""
        return able and sum(step.kind is kind for step in self.steps) < most

    def open(self, job: int, via: str) -> int:
        self.opened += 1
        self.steps.append(Step(Kind.STREAM, job=job, via=via, stream=self.opened))
        return self.opened

    @initialize(
        target=jobs,
        via=_VIA,
        shape=_SHAPE,
        ending=st.integers(0, 2**16),
    )
    def begin(self, via: str, shape: str, ending: int) -> int:
        self.ending = ending
        return self.submit_one(via, shape)

    def submit_one(self, via: str, shape: str) -> int:
        number = len(self.shape_of) + 1
        self.shape_of[number] = shape
        self.add(Kind.SUBMIT, job=number, via=via, what=shape)
        return number

    @precondition(lambda self: len(self.shape_of) < _MOST_JOBS)
    @rule(target=jobs, via=_VIA, shape=_SHAPE)
    def submit_beside(self, via: str, shape: str) -> int:
        return self.submit_one(via, shape)

    @precondition(lambda self: len(self.shape_of) < _MOST_JOBS)
    @rule(target=jobs, via=_VIA, shape=_SHAPE)
    def submit(self, via: str, shape: str) -> int:
        return self.submit_one(via, shape)

    @rule(job=jobs, via=_VIA)
    def poll(self, job: int, via: str) -> None:
        self.add(Kind.POLL, job=job, via=via)

    @rule(job=jobs, via=_VIA)
    def give_up_then_poll(self, job: int, via: str) -> None:
        self.add(Kind.POLL, job=job, via=via)
        self.add(Kind.GIVE_UP, job=job, via=via)

    @rule(job=jobs, turns=_TURNS, again=_VIA, once_more=st.booleans())
    def poll_out(self, job: int, turns: str, again: str, once_more: bool) -> None:
        self.add(Kind.POLL_OUT, job=job, via=turns)
        if once_more:
            self.add(Kind.POLL, job=job, via=again)

    @rule(target=streams, job=jobs, via=_VIA)
    def stream(self, job: int, via: str) -> int:
        return self.open(job, via)

    @rule(target=streams, job=jobs, via=_VIA)
    def two_streams(self, job: int, via: str) -> int:
        self.open(job, via)
        return self.open(job, via)

    @rule(stream=consumes(streams))
    def read_out(self, stream: int) -> None:
        self.steps.append(Step(Kind.READ_OUT, stream=stream))

    @precondition(lambda self: len(self.shape_of) < _MOST_JOBS and shapes.LONG in self.scope.shapes)
    @rule(via=_VIA, at=_VIA, attended=st.booleans())
    def lone_tab(self, via: str, at: str, attended: bool) -> None:
        """A job with one reader, who leaves."""
        job = self.submit_one(via, shapes.LONG)
        stream = self.open(job, at)
        self.left.add(stream)
        self.alone.add(job)
        self.add(Kind.WAIT, what=shapes.WHILE)
        self.steps.append(Step(Kind.DROP, stream=stream))
        if attended:
            self.add(Kind.ATTEND, job=job, via=via)

    @rule(stream=consumes(streams))
    def drop(self, stream: int) -> None:
        self.left.add(stream)
        self.add(Kind.WAIT, what=shapes.MOMENT)
        self.steps.append(Step(Kind.DROP, stream=stream))

    @rule(job=jobs, via=_VIA)
    def cancel(self, job: int, via: str) -> None:
        self.add(Kind.CANCEL, job=job, via=via)

    @rule(job=jobs, via=_VIA)
    def cancel_while_it_works(self, job: int, via: str) -> None:
        self.add(Kind.WAIT, what=shapes.WHILE)
        self.add(Kind.CANCEL, job=job, via=via)

    @precondition(lambda self: self.may(Kind.WAIT, True, most=3))
    @rule(what=st.sampled_from((shapes.MOMENT, shapes.WHILE)))
    def wait(self, what: str) -> None:
        self.add(Kind.WAIT, what=what)

    @precondition(lambda self: self.scope.abandon and not self.abandoned)
    @rule(via=_VIA, at=_VIA)
    def abandon(self, via: str, at: str) -> None:
        """A job whose client polls once and is never seen again."""
        self.abandoned = True
        job = self.submit_one(via, shapes.LONG)
        self.alone.add(job)
        self.add(Kind.POLL, job=job, via=at)
        self.add(Kind.WAIT, what=shapes.ABANDON)

    @precondition(lambda self: self.may(Kind.INTRUDE, self.scope.other))
    @rule(job=jobs, via=_VIA, what=st.sampled_from(_INTRUSIONS))
    def intrude(self, job: int, via: str, what: str) -> None:
        self.add(Kind.INTRUDE, job=job, via=via, what=what)

    @precondition(lambda self: self.may(Kind.STRANGER, True))
    @rule(via=_VIA, what=st.sampled_from(_STRANGERS))
    def stranger(self, via: str, what: str) -> None:
        self.add(Kind.STRANGER, via=via, what=what)

    @precondition(lambda self: self.may(Kind.LOOK, self.scope.monitor, most=2))
    @rule(via=_VIA)
    def look(self, via: str) -> None:
        self.add(Kind.LOOK, via=via)

    @precondition(lambda self: self.may(Kind.FLUSH, self.scope.flush))
    @rule()
    def flush(self) -> None:
        self.add(Kind.FLUSH)

    @precondition(lambda self: self.scope.disturb and not self.disturbed)
    @rule(via=_VIA, kind=st.sampled_from((Kind.KILL, Kind.PAUSE)))
    def disturb(self, via: str, kind: Kind) -> None:
        self.disturbed = True
        self.add(Kind.WAIT, what=shapes.WHILE)
        self.add(kind, via=via)

    def teardown(self) -> None:
        """Bring every job to an end that somebody watches."""
        choice = random.Random(self.ending)  # noqa: S311
        for number in range(1, self.opened + 1):
            if number not in self.left and choice.random() < 0.8:
                self.steps.append(Step(Kind.READ_OUT, stream=number))
        for job, shape in self.shape_of.items():
            if job not in self.alone:
                self.close(job, shape, choice)
        type(self).sink(playable(possible(self.steps, self.scope.without)))

    def close(self, job: int, shape: str, choice: random.Random) -> None:
        via = choice.choice(self.scope.workers)
        if shape == shapes.LONG and choice.random() < 0.85:
            self.add(Kind.CANCEL, job=job, via=via)
        how = choice.randrange(8)
        if how < 3:
            self.add(Kind.POLL_OUT, job=job, via=via + choice.choice(self.scope.workers))
            self.add(Kind.POLL, job=job, via=choice.choice(self.scope.workers))
        elif how < 7:
            number = self.open(job, via)
            self.steps.append(Step(Kind.READ_OUT, stream=number))
